-- One run. Instants are nanoseconds of the machine's monotonic clock; durations are nanoseconds where a name
-- ends in _ns and milliseconds where it ends in _ms. Strings that recur are ids into `name`.
CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);                       -- JSON values
CREATE TABLE name (id INTEGER PRIMARY KEY, value TEXT NOT NULL UNIQUE);
CREATE TABLE phase (
  id INTEGER PRIMARY KEY, kind TEXT NOT NULL,                                        -- warmup, localhost, monday, proof, after, capacity, observer,
                                                                                     -- grown-warmup, grown, grown-monday
  stair INTEGER NOT NULL, rate REAL NOT NULL, users INTEGER NOT NULL,
  begin_ns INTEGER NOT NULL, end_ns INTEGER, held INTEGER
);
CREATE TABLE load (                                                                  -- LoadStats since the last
  phase INTEGER NOT NULL, at_ns INTEGER NOT NULL, stats TEXT NOT NULL,
  vus INTEGER NOT NULL                                                               -- active at that instant
);
-- what the agent saw, added up
CREATE TABLE request_total (
  phase INTEGER, second INTEGER, endpoint INTEGER,
  requests INTEGER NOT NULL, total_ns INTEGER NOT NULL, queries INTEGER NOT NULL,
  longest_ns INTEGER NOT NULL,                        -- longest stretches on the event loop, summed
  steps_ns INTEGER NOT NULL,                          -- all stretches on the event loop
  PRIMARY KEY (phase, second, endpoint)
) WITHOUT ROWID;
CREATE TABLE layer_total (
  phase INTEGER, second INTEGER, endpoint INTEGER, layer INTEGER, ns INTEGER NOT NULL,
  PRIMARY KEY (phase, second, endpoint, layer)
) WITHOUT ROWID;
CREATE TABLE query_total (
  phase INTEGER, endpoint INTEGER, statement INTEGER, site INTEGER, relation INTEGER, caller INTEGER,
  requests INTEGER NOT NULL, executions INTEGER NOT NULL, distinct_parameters INTEGER NOT NULL, ns INTEGER NOT NULL,
  rows INTEGER NOT NULL, fetch_ns INTEGER NOT NULL,   -- fetched after executing
  most INTEGER NOT NULL,
  PRIMARY KEY (phase, endpoint, statement, site, relation, caller)
) WITHOUT ROWID;
-- a few rows of statements' results, looked at: how many bytes the values of each column had
CREATE TABLE column_total (
  statement INTEGER, column INTEGER, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
  PRIMARY KEY (statement, column)
) WITHOUT ROWID;
CREATE TABLE spot_total (
  phase INTEGER, endpoint INTEGER, layer INTEGER, site INTEGER, caller INTEGER,
  requests INTEGER NOT NULL, calls INTEGER NOT NULL, ns INTEGER NOT NULL,
  PRIMARY KEY (phase, endpoint, layer, site, caller)
) WITHOUT ROWID;
CREATE TABLE held (                                                                  -- the event loop, held
  phase INTEGER, endpoint INTEGER, layer INTEGER, site INTEGER, call INTEGER, line TEXT, at_ns INTEGER, ms REAL,
  does TEXT,                                          -- waits, computes, or nobody can tell
  had REAL                                            -- part of its computing for which it had a processor
);
CREATE TABLE stack (                                                                 -- samples of what ran
  phase INTEGER, endpoint INTEGER, layer INTEGER, frames TEXT,                       -- JSON [name id], root first
  samples INTEGER NOT NULL,
  PRIMARY KEY (phase, endpoint, layer, frames)
) WITHOUT ROWID;
-- a bounded sample of whole requests: layers is JSON {layer: ns}
CREATE TABLE request (
  phase INTEGER, endpoint INTEGER, at_ns INTEGER, total_ns INTEGER, status INTEGER, steps_ns INTEGER,
  longest_ns INTEGER, layers TEXT
);
CREATE TABLE gauge (at_ns INTEGER, process INTEGER, gauges TEXT);                    -- JSON {name: number}
-- transactions of the database that lasted, as they were seen last; looks at them, how many found them waiting
CREATE TABLE transaction_seen (
  at_ns INTEGER, ms REAL,
  idle_ms REAL,                                                                      -- doing nothing, at a stretch
  looks INTEGER, waiting INTEGER,
  blocking INTEGER,                                                                  -- sessions that waited for it
  statement INTEGER
);
CREATE TABLE blocked (                                                               -- who waited for whose lock
  at_ns INTEGER, waiting INTEGER, holding INTEGER, state TEXT, sessions INTEGER, longest_ms REAL
);
CREATE TABLE source (kind TEXT, name TEXT, site TEXT, PRIMARY KEY (kind, name));
CREATE TABLE hook (library TEXT PRIMARY KEY, state TEXT);
CREATE TABLE notice (text TEXT PRIMARY KEY);
