"""How much load, of which shape."""

from nineam.cli.options.option import Theme, option

THEME = Theme(
    "Load",
    (
        option("-u", "--users", "--vus", "users", type=int, help="Climb to this many users (closed load)."),
        option("--rate", type=float, help="Climb to so many requests (of journeys: iterations) a second, open load."),
        option(
            "-t",
            "-d",
            "--duration",
            default="",
            metavar="TIME",
            help="How long at the top, without the climb: 30s or 2m.",
        ),
        option("--no-climb", is_flag=True, help="Go straight to the --users or the --rate."),
        option(
            "-r",
            "--spawn-rate",
            type=float,
            help="Let --users come so many a second; no climb.",
        ),
        option(
            "-s",
            "--stage",
            "stages",
            multiple=True,
            metavar="TIME:TARGET",
            help="Ramp to TARGET users (or rate) within TIME, as k6 does; repeatable; no climb.",
        ),
        option("-i", "--iterations", type=int, help="So many iterations, shared by the --users; no climb."),
        option("--executor", default="", metavar="NAME", help="One of k6's executors, poisson-arrival-rate, sessions."),
        option("--think", type=float, help="Seconds between a user's clicks (default 1)."),
        option("--clients", default="", metavar="TEXT", help='Unlike clients, such as "slow-reader=3, hostile=1".'),
        option("--processes", type=int, help="Load processes (default: as many as needed, one a core)."),
        option("--seed", default=1, show_default=True, help="Makes the traffic repeatable."),
    ),
)
