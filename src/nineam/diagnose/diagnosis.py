"""Everything the diagnosis says about a run file."""

from nineam.diagnose import capacity as capacity_of
from nineam.diagnose.blame import blame
from nineam.diagnose.capacity_interval import narrowed
from nineam.diagnose.cries import cries
from nineam.diagnose.detectors import DETECTORS
from nineam.diagnose.failing import nothing_succeeds
from nineam.diagnose.flames import flames, sampler
from nineam.diagnose.grown import breaks, doubtful, ended, grown, told
from nineam.diagnose.picture import Picture
from nineam.diagnose.proof import proved
from nineam.diagnose.roots import roots
from nineam.diagnose.slopes import with_slopes
from nineam.diagnose.story import MOST_LINES, doubted, remarked, story, suspect, verdict, worse
from nineam.model import (
    After,
    Blame,
    Capacity,
    Cry,
    Finding,
    Flame,
    Generator,
    Grown,
    Health,
    PhaseResult,
    Record,
    Root,
    Sampler,
    Stair,
    Suspect,
    Verdict,
)
from nineam.store.records import RunData


class Diagnosis(Record, frozen=True, kw_only=True):
    """The parts of a run document that take judgement."""

    verdict: Verdict
    generator: Generator
    localhost: PhaseResult
    monday: PhaseResult
    after: After
    capacity: Capacity
    health: Health | None
    grown: Grown | None
    stairs: tuple[Stair, ...]
    cried_first: tuple[Cry, ...]
    blame: tuple[Blame, ...]
    roots: tuple[Root, ...]
    findings: tuple[Finding, ...]
    story: tuple[str, ...]
    suspect: Suspect | None
    sampler: Sampler
    flames: tuple[Flame, ...]


def diagnose(run: RunData, suspicion: str = "") -> Diagnosis:
    """Judge a run; pure, and happy with a run that was cut short."""
    picture = Picture(run)
    crowd = capacity_of.people(picture)
    cried = cries(picture, crowd)
    found = findings(picture)
    behind = proved(roots(picture, found), run.meta.get("proof", {}))
    limits = narrowed(picture, capacity_of.capacity(picture))
    back = capacity_of.after(picture)
    believed = capacity_of.generator(picture)
    monday = picture.monday
    with_data = grown(picture)
    judged = verdict(picture, limits, believed, found, back, behind)
    honest = all(finding.code != "dishonest-health-check" for finding in found)
    return Diagnosis(
        verdict=remarked(doubted(worse(judged, breaks(with_data)), ended(with_data)), doubtful(with_data)),
        generator=believed,
        localhost=capacity_of.alone(picture),
        monday=capacity_of.result(picture, monday, crowd[monday.id] if monday else None),
        after=back,
        capacity=limits,
        health=capacity_of.health(picture, honest=honest),
        grown=with_data,
        stairs=capacity_of.stairs(picture),
        cried_first=cried,
        blame=blame(picture),
        roots=behind,
        findings=with_slopes(picture, found, with_data),
        story=told(story(picture, cried, behind, back, found), with_data, MOST_LINES),
        suspect=suspect(picture, suspicion),
        sampler=sampler(run),
        flames=flames(picture),
    )


def findings(picture: Picture) -> tuple[Finding, ...]:
    """Run every detector; what costs most time over all requests under load comes first.

    Where nothing ever succeeds, what was measured is how failures are made: of that nothing is told.
    """
    if nothing_succeeds(picture):
        return ()
    found = [finding for detector in DETECTORS for finding in detector.detect(picture)]
    return tuple(sorted(found, key=lambda finding: -_cost(picture, finding)))


def _cost(picture: Picture, finding: Finding) -> float:
    """Milliseconds that all users' requests together lose to it where the application first broke.

    That all of it was measured in debug mode is said before everything else.
    """
    if finding.code == "debug-mode":
        return float("inf")
    if finding.code == "dishonest-health-check":
        return 0.0  # probes are nobody's requests
    return finding.ms_per_request * picture.requests(picture.failing, finding.endpoint)
