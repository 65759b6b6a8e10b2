"""Runs trials from the command line's side: what is said meanwhile, Ctrl-C, and the document at the end."""

import asyncio
import shlex
import time
from pathlib import Path
from typing import Any, NamedTuple

import click
import msgspec
from rich.console import Console

from nineam.cli.asked import Options
from nineam.cli.execute import about, git, interruptible
from nineam.cli.prepare import prepared_application
from nineam.cli.traffic import DEFAULT_JOURNEYS, READERS, methods_of
from nineam.cli.trial_shown import Files, exit_code, write
from nineam.cli.trial_traffic import traffic_for
from nineam.config.settings import Settings
from nineam.errors import ExitCode, UsageError
from nineam.model import LoadPlan, Record
from nineam.model.run import Git, Machine
from nineam.model.trial import TrialDocument, TrialResult
from nineam.monday.plan import RunPlan
from nineam.monday.setup import Setup
from nineam.trials.run import run_trials
from nineam.trials.scout import Scouted, Traffic, Wish, scouting
from nineam.trials.subject import Subject
from nineam.trials.trial import Trial
from nineam.trials.verdict import not_tested, verdict
from nineam.visible import visible

MOST_NOTICES = 8


class Asked(Record, frozen=True, kw_only=True):
    """Which trials, which of the catalogue, how long all of them may take, and where the outcome goes."""

    trials: tuple[Trial, ...]
    catalogue: tuple[str, ...]
    budget_s: float
    files: Files


class Prepared(NamedTuple):
    """How the application is started and asked, what is known of it, where it is, and what the user said of it."""

    setup: Setup
    target: dict[str, str]
    cwd: Path
    asked: str = ""


def setup_of(options: Options, settings: Settings, cwd: Path) -> Prepared:
    """Say how the application is started, and what it is asked. Raises UsageError and ApplicationError."""
    found = prepared_application(options, settings, cwd)
    plan = RunPlan(load=LoadPlan(base_url="", **_sent(options, cwd)))
    parts: dict[str, Any] = found.parts | {"health_path": options.health or found.parts.get("health_path", "")}
    setup = Setup(plan=plan, agent=False, methods=methods_of(options.methods), **parts)
    return Prepared(setup, found.target, cwd, _words(options))


def _words(options: Options) -> str:
    """Spell the same application and the same requests for another command."""
    given = [("--urls", options.urls), ("--methods", "" if options.urls else options.methods)]
    words = [word for name, value in given if value for word in (name, value)]
    return shlex.join([*words, *(("--", *options.command) if options.command else filter(None, [options.target]))])


def _sent(options: Options, cwd: Path) -> dict[str, Any]:
    """Say what is sent: a list, or journeys; nothing when that has to be found out. Raises UsageError."""
    if options.urls and options.journeys:
        raise UsageError("--urls and --journeys: only one of them can say what is sent", hint="leave one of them out")
    if options.urls:
        return READERS["urls"](options, cwd, cwd).plan
    if options.journeys or (cwd / DEFAULT_JOURNEYS).is_file():
        return READERS["journeys"](options, cwd, cwd).plan
    return {}


def put_on_trial(asked: Asked, wish: Wish, prepared: Prepared) -> ExitCode:
    """Run the trials and write what they came to. Raises ApplicationError when the application does not start."""
    notebook = _Notebook(asked, prepared)
    try:
        asyncio.run(interruptible(notebook.run(wish)))
    except (KeyboardInterrupt, asyncio.CancelledError):
        notebook.interrupted = True
        click.echo("interrupted; faults are healed, the application has ended", err=True)
    if notebook.interrupted and not notebook.results:
        return ExitCode.INTERRUPTED
    document = notebook.document()
    write(document, asked.files, Console())
    return exit_code(document)


class _Notebook:
    """What has come out until now."""

    def __init__(self, asked: Asked, prepared: Prepared) -> None:
        self._asked, self._prepared = asked, prepared
        self._about = about()
        self._began = time.monotonic()
        self._scouted: Scouted | None = None
        self.results: list[TrialResult] = []
        self.interrupted = False

    async def run(self, wish: Wish) -> None:
        """Make the lab and run the trials in it."""
        setup = self._prepared.setup
        subject = Subject(
            command=setup.command,
            cwd=setup.cwd,
            environment=setup.environment,
            url=setup.url,
            ready_timeout_s=setup.ready_timeout_s,
            root=str(self._prepared.cwd),
            framework=self._prepared.target.get("framework", ""),
            asked=self._prepared.asked,
        )

        async def find(base_url: str) -> Traffic:
            return await traffic_for(setup, base_url)

        async with scouting(subject, wish, find, self._say) as scouted:
            self._scouted = scouted
            left_s = self._asked.budget_s - (time.monotonic() - self._began)
            self.results = list(await run_trials(scouted, self._asked.trials, left_s, self.results.append))

    def document(self) -> TrialDocument:
        """Put everything together."""
        assert self._scouted is not None
        lab = self._scouted.lab
        left_out = [name for name in self._asked.catalogue if name not in {each.name for each in self._asked.trials}]
        commit = git(self._prepared.cwd)
        return TrialDocument(
            started=self._about["started"],
            seconds=round(time.monotonic() - self._began, 1),
            git=Git(**commit) if commit else None,
            machine=msgspec.convert(self._about["machine"], Machine),
            target=self._prepared.target,
            verdict=verdict(self.results, lab.rate),
            trials=tuple(self.results),
            not_tested=not_tested(self.results, left_out),
            dependencies=lab.leading.dependencies,
            endpoints=lab.names,
            touches={name: dict(found) for name, found in lab.touches.items()},
            rate=lab.rate,
            knee=lab.knee,
            notices=self._scouted.notices[:MOST_NOTICES],
            interrupted=self.interrupted,
        )

    def _say(self, text: str) -> None:
        if not self._asked.files.quiet:
            click.echo(f"  {visible(text)}", err=True)
