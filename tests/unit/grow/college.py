"""A small database with one of everything that gets in the way of copying rows; in SQLite's and PostgreSQL's words."""

TABLES = """
CREATE TABLE country (code CHAR(2) PRIMARY KEY, name VARCHAR(60) NOT NULL UNIQUE);
CREATE TABLE department (
    id INTEGER PRIMARY KEY,
    name VARCHAR(60) NOT NULL,
    parent_id INTEGER REFERENCES department (id),
    head_id INTEGER {cycle}
);
CREATE TABLE person (
    id INTEGER PRIMARY KEY,
    email VARCHAR(120) NOT NULL UNIQUE,
    token {uuid} NOT NULL UNIQUE,
    country_code CHAR(2) REFERENCES country (code),
    department_id INTEGER NOT NULL REFERENCES department (id),
    born DATE,
    wage NUMERIC(10, 2) NOT NULL CHECK (wage > 0),
    yearly NUMERIC(12, 2) GENERATED ALWAYS AS (wage * 12) STORED,
    notes {json},
    active BOOLEAN NOT NULL
);
CREATE TABLE badge (person_id INTEGER PRIMARY KEY REFERENCES person (id), slug VARCHAR(40) NOT NULL UNIQUE);
CREATE TABLE course (
    department_id INTEGER NOT NULL REFERENCES department (id),
    number INTEGER NOT NULL,
    title VARCHAR(80) NOT NULL,
    PRIMARY KEY (department_id, number)
);
CREATE TABLE enrolment (
    person_id INTEGER NOT NULL REFERENCES person (id),
    department_id INTEGER NOT NULL,
    number INTEGER NOT NULL,
    mark INTEGER CHECK (mark BETWEEN 1 AND 6),
    PRIMARY KEY (person_id, department_id, number),
    FOREIGN KEY (department_id, number) REFERENCES course (department_id, number)
);
CREATE TABLE log (at TIMESTAMP NOT NULL, person_id INTEGER REFERENCES person (id), what TEXT);
CREATE TABLE setting (name VARCHAR(40) PRIMARY KEY, value TEXT);
CREATE TABLE visit (id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES person (id));
CREATE UNIQUE INDEX person_lower_email ON person (lower(email));
CREATE INDEX person_department ON person (department_id);
CREATE UNIQUE INDEX one_active_slug ON badge (slug) WHERE slug <> '';
CREATE INDEX log_at ON log (at);
"""
COUNTRIES = (("AT", "Austria"), ("BE", "Belgium"), ("FI", "Finland"), ("PT", "Portugal"))
PEOPLE, COURSES = 60, 4


def rows():
    """Every row, by table, in an order in which references hold; department heads come last."""
    departments = [(number, f"Department {number % 5}", number // 3 or None) for number in range(1, 10)]
    people = [
        (
            number,
            f"person{number}@college.example",
            f"0f{number:06x}-1111-4222-8333-{number * 7919:012x}",
            COUNTRIES[number % 4][0] if number % 5 else None,
            1 + number * number % 9,
            f"19{60 + number % 40}-0{1 + number % 9}-11" if number % 3 else None,
            1000 + number % 7 * 250,
            f'{{"likes": [{number % 3}], "level": {number % 4}}}',
            number % 4 != 0,
        )
        for number in range(1, PEOPLE + 1)
    ]
    courses = [
        (department, course, f"Course {course}") for department in range(1, 10) for course in range(1, COURSES + 1)
    ]
    enrolments = [
        (person, 1 + (person + turn) % 9, 1 + turn % COURSES, 1 + (person * turn) % 6 if turn % 4 else None)
        for person in range(1, PEOPLE + 1)
        for turn in range(person % 7)
    ]
    log = [
        (f"2026-0{1 + n % 9}-{1 + n % 27:02} 09:{n % 60:02}:00", 1 + n % PEOPLE if n % 6 else None, f"event {n % 11}")
        for n in range(150)
    ]
    return {
        "country (code, name)": COUNTRIES,
        "department (id, name, parent_id)": departments,
        "person (id, email, token, country_code, department_id, born, wage, notes, active)": people,
        "badge (person_id, slug)": [(number, f"p-{number}") for number in range(1, PEOPLE + 1, 2)],
        "course (department_id, number, title)": courses,
        "enrolment (person_id, department_id, number, mark)": enrolments,
        "log (at, person_id, what)": log,
        "setting (name, value)": [("theme", "dark")],
    }


def fill(cursor, mark):
    """Insert every row with a cursor whose parameters are written as `mark`."""
    for place, values in rows().items():
        marks = ", ".join([mark] * len(values[0]))
        cursor.executemany(f"INSERT INTO {place} VALUES ({marks})", list(values))
    cursor.execute("UPDATE department SET head_id = id * 2 WHERE id < 6")
