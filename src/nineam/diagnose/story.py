"""The story and the verdict, in plain words."""

from msgspec.structs import replace

from nineam.diagnose.blame import by_layer
from nineam.diagnose.capacity import CPU_FULL, cpu_share
from nineam.diagnose.causes import SYMPTOMS
from nineam.diagnose.failing import FEW, broken_by_failures, fails
from nineam.diagnose.layers import noun
from nineam.diagnose.picture import Picture
from nineam.diagnose.roots import SURE, in_doubt
from nineam.model import After, Capacity, Cry, Finding, Generator, Root, Suspect, Verdict
from nineam.visible import visible

MOST_LINES = 5
SICK = 0.05
"""An application that fails more often than this with one polite user has no Monday to speak of."""
MOST = 0.5
"""Work that is behind this part of what Monday added goes before findings about other work."""
HEAVY = 0.05
"""A cause must cost at least this part of the objective to be named in the verdict."""


def verdict(  # noqa: PLR0911 - one return for each kind of answer
    picture: Picture, capacity: Capacity, generator: Generator, findings: tuple[Finding, ...], after: After,
    roots: tuple[Root, ...] = (),
) -> Verdict:  # fmt: skip
    """READY FOR <conditions>, NOT READY or NOT PROVEN."""
    if cut_short := _cut_short(picture):
        return cut_short
    if not generator.trustworthy:
        return Verdict(status="not-proven", sentence=f"NOT PROVEN: {generator.reason}.")
    if sick := fails(picture, picture.localhost, SICK):
        return Verdict(status="not-ready", sentence=f"NOT READY: with one polite user already, {sick}.")
    conditions = f"{capacity.slo.replace('<', ' < ').replace('< =', '<=')} ms"
    if slow := _slow_alone(picture, conditions):
        return Verdict(status="not-ready", sentence=f"NOT READY: with one polite user already, {slow}.")
    if planned := _planned(picture, conditions, findings, after):
        return planned
    below = [stair for stair in picture.lasting if stair.held is False]
    if below and not picture.broke:
        load = picture.load_in_words(below[0])
        held = f"{capacity.rate.low:g} requests/s"
        reason = f"it broke twice at {load} and then held at {held}: something warmed up, or disturbed it"
        return Verdict(status="not-proven", sentence=f"NOT PROVEN: {reason}. Run again.")
    faults = _gates(findings, after)
    if picture.broke and (picture.run.meta.get("goal_limit") or findings or not capacity.rate.low):
        because = _because(picture, findings, roots)
        return Verdict(status="not-ready", sentence=f"NOT READY: {_breaks(capacity)}{because}.")
    if capacity.kind == "cannot-tell" and capacity.reason:
        return Verdict(status="not-proven", sentence=f"NOT PROVEN: what it carries cannot be told: {capacity.reason}.")
    ready = f"{_carried(picture, capacity)} within {conditions}"
    if faults:
        return Verdict(status="not-ready", sentence=f"NOT READY: it carries {ready}, but {faults[0]}.")
    beyond = f"; beyond that what grows most is {capacity.limited_by}" if picture.broke and capacity.limited_by else ""
    apart = f"; not counting {', '.join(sorted(picture.exempt))}, too slow alone" if picture.exempt else ""
    apart += _strangers(picture)
    apart += "; measured in debug mode" if any(finding.code == "debug-mode" for finding in findings) else ""
    return Verdict(status="ready", sentence=f"READY FOR {ready}{beyond}{apart}.")


def worse(judged: Verdict, fault: str) -> Verdict:
    """Take back that it is ready when something else speaks against it; `fault` is empty when nothing does."""
    if not fault or judged.status != "ready":
        return judged
    ready = judged.sentence.removeprefix("READY FOR ").rstrip(".")
    return Verdict(status="not-ready", sentence=f"NOT READY: it carries {ready}, but {fault}.")


def doubted(judged: Verdict, doubt: str) -> Verdict:
    """Say what could not be measured, and take back that it is ready; `doubt` is empty when there is nothing to say."""
    if not doubt:
        return judged
    if judged.status != "ready":
        return replace(judged, sentence=f"{judged.sentence.rstrip('.')}; {doubt}.")
    ready = judged.sentence.removeprefix("READY FOR ").rstrip(".")
    return Verdict(status="not-proven", sentence=f"NOT PROVEN: it carries {ready}, but {doubt}.")


def remarked(judged: Verdict, remark: str) -> Verdict:
    """Add what was not counted, which leaves the verdict as it is; `remark` is empty when there is nothing to say."""
    return replace(judged, sentence=f"{judged.sentence.rstrip('.')}; {remark}.") if remark else judged


def _strangers(picture: Picture) -> str:
    """Say how much was not measured because it turns strangers away."""
    refused = int(picture.run.meta.get("refused", 0))
    return f"; {refused} page{'s' * (refused != 1)} behind a login not counted" if refused else ""


def _cut_short(picture: Picture) -> Verdict | None:
    if died := picture.run.meta.get("died"):
        return Verdict(status="not-ready", sentence=f"NOT READY: {died}{_at_load(picture)}.")
    if not any(phase.kind == "monday" for phase in picture.run.phases):
        return Verdict(status="not-proven", sentence="NOT PROVEN: the run ended before Monday began.")
    if picture.run.meta.get("interrupted") and picture.after is None:
        return Verdict(status="not-proven", sentence=f"NOT PROVEN: interrupted{_at_load(picture)}.")
    if not picture.stairs or picture.stairs[-1].held is None:
        return Verdict(status="not-proven", sentence=f"NOT PROVEN: the run ended in the middle{_at_load(picture)}.")
    return None


def _planned(picture: Picture, conditions: str, findings: tuple[Finding, ...], after: After) -> Verdict | None:
    """Judge a load that was stopped, or that was run as it was given: it held or it did not, and nothing beyond."""
    meta = picture.run.meta
    words = visible(str(meta.get("plan", "")))
    if stopped := meta.get("aborted"):
        failed = f"{stopped['metric']} {stopped['source']} failed ({stopped['value']:g})"
        sentence = f"NOT READY: {failed}, which stopped the load after {stopped['at_s']:.1f} s."
        return Verdict(status="not-ready", sentence=sentence)
    if not words:
        return None
    if picture.broke:
        because = _because(picture, findings) or f": {meta['broke']}" if meta.get("broke") else ""
        return Verdict(status="not-ready", sentence=f"NOT READY: it does not carry {words}{because}.")
    if faults := _gates(findings, after):
        return Verdict(status="not-ready", sentence=f"NOT READY: it carries {words}, but {faults[0]}.")
    return Verdict(status="ready", sentence=f"READY FOR {words} within {conditions}.")


def _at_load(picture: Picture) -> str:
    """Say at which load the run ended, when that was on a stair of Monday."""
    last = picture.run.phases[-1] if picture.run.phases else None
    if last is None or last.kind != "monday":
        return ""
    if last.rate:
        return f" at {picture.load_in_words(last)}"
    users = int(seen.value) if (seen := picture.vus([last])) else 0
    return f" with {users} user{'s' if users != 1 else ''} active"


def _slow_alone(picture: Picture, conditions: str) -> str:
    """Name an endpoint that misses the objective alone, when all do: then Monday has nothing to judge."""
    names = set(picture.judged(picture.monday))
    if not names or names - picture.exempt:
        return ""
    return f"{min(names)} misses {conditions}"


def _gates(findings: tuple[Finding, ...], after: After) -> list[str]:
    faults = [finding.title for finding in findings if finding.code == "dishonest-health-check"]
    if after.recovered is False:
        faults.append("it does not come back once the load is gone")
    return faults


def _carried(picture: Picture, capacity: Capacity) -> str:
    """Say what it carries; where arrivals are journeys, in these too."""
    people, rate = f"about {capacity.users.low:.0f} people", f"{capacity.rate.low:g} requests/s"
    held = [stair.rate for stair in picture.stairs if stair.held]
    if capacity.trials or not any(held) or not picture.arrivals_are_journeys:
        return f"{rate} ({people})"
    return f"{max(held):g} iterations/s ({rate}, {people})"


def _breaks(capacity: Capacity) -> str:
    people = f"(about {capacity.users.high:.0f} people)" if capacity.users.high else ""
    if capacity.rate.low and capacity.rate.low == capacity.rate.high:
        return f"it breaks between {capacity.users.low:.0f} and {capacity.users.high:.0f} users"
    if capacity.rate.low:
        return f"it breaks between {capacity.rate.low:g} and {capacity.rate.high:g} requests/s {people}".rstrip()
    return f"it breaks at {capacity.rate.high:g} requests/s {people} already"


def _because(picture: Picture, findings: tuple[Finding, ...], roots: tuple[Root, ...] = ()) -> str:
    if failures := broken_by_failures(picture, findings):
        return f": {failures}"
    found = [finding for finding in findings if finding.code != "debug-mode"]  # how it was measured, not why it broke
    if not found:
        failures = fails(picture, picture.failing, FEW) or _surely(roots)
        return f": {failures}" if failures else ""
    # waiting is a symptom, and an unanswered probe is one too: name what they wait for, when it is known
    heavy = HEAVY * picture.objective_ms
    causes = [finding for finding in found if finding.code not in SYMPTOMS and finding.ms_per_request >= heavy]
    if causes and (work := _surely(roots)):
        return f": {work}"
    first = (causes or found)[0]
    endpoint = f" in {first.endpoint}" if first.endpoint else ""
    return f": {first.code}{endpoint}" + (f" at {first.where}" if first.where else "")


def _surely(roots: tuple[Root, ...]) -> str:
    """Name the work behind most of the growth, when that is sure and no finding speaks of it."""
    first = roots[0] if roots else None
    if first is None or first.code or first.share < MOST or first.confidence < SURE:
        return ""
    return f"{noun(first.layer)} in {first.endpoint}"


def story(
    picture: Picture, cried: tuple[Cry, ...], roots: tuple[Root, ...], after: After, findings: tuple[Finding, ...] = ()
) -> tuple[str, ...]:
    """At most five lines from the cause to what a user sees."""
    if not picture.stairs or not picture.seen(picture.failing):
        return ()
    if sick := fails(picture, picture.localhost, SICK):
        return (f"With one polite user already, {sick}: nothing else is told from a run like this.",)
    lines = []
    failures = broken_by_failures(picture, findings)
    if failures and picture.failing:
        lines.append(f"What breaks is not time: at {picture.load_in_words(picture.failing)} {failures}.")
    elif cried:
        lines.append(f"First to cry, at {_load(cried[0])}: {cried[0].sentence}.")
    shares = by_layer(picture) if cried and not failures else {}
    if shares:
        top = ", ".join(f"{share:.0%} {noun(layer)}" for layer, share in list(shares.items())[:3] if share >= 0.01)
        lines.append(f"What Monday added to a request is {top}.")
        lines += _behind(roots)
    busy = cpu_share(picture)
    if cried and busy is not None and busy >= CPU_FULL:
        lines.append(f"The application's processes had their CPU full ({busy:.0%} of a core each).")
    broken = next((cry for cry in cried if cry.layer == "health"), None)
    if broken:
        lines.append(f"From {_load(broken)} on {broken.sentence}.")
    if after.recovered is False:
        lines.append("It did not come back within the time it was given once the load was gone.")
    return tuple(lines[:MOST_LINES])


def _load(cry: Cry) -> str:
    return f"{cry.at_rate:g} requests/s" if cry.at_rate else f"{cry.at_users} users"


def _behind(roots: tuple[Root, ...]) -> list[str]:
    """Say whose work is behind the growth once waiting is moved to what was waited for; two when it is a near thing."""
    if not roots:
        return []
    first, *others = roots
    named = [first, others[0]] if others and in_doubt(first, others[0]) else [first]
    shares = " or ".join(f"{_work(root)} ({root.share:.0%})" for root in named)
    sure = "" if len(named) == 1 else ": these seconds cannot tell which"
    proof = f": {first.proof}" if first.proof else ""
    return [f"With waiting moved to what was waited for, it is {shares}{sure}{proof}."]


def _work(root: Root) -> str:
    found = f": {root.code}{f' at {root.where}' if root.where else ''}" if root.code else ""
    return f"{noun(root.layer)} in {root.endpoint}{found}"


def suspect(picture: Picture, text: str) -> Suspect | None:
    """Answer `--suspect`: what it really costs, and what costs most."""
    if not text:
        return None
    shares = by_layer(picture)
    if not shares:
        return Suspect(text=text, sentence="cannot tell: nothing was seen from inside the application")
    top = next(iter(shares))
    most = f"what grows most is {noun(top)} ({shares[top]:.0%} of what Monday added)"
    cost = _cost(picture, text)
    if not cost:
        return Suspect(text=text, sentence=f"nothing measured goes by that name; {most}")
    return Suspect(text=text, sentence=f"{cost}; {most}")


def _cost(picture: Picture, text: str) -> str:
    words = [word for word in text.lower().split() if word not in ("the", "query", "queries", "endpoint", "a")]
    best: tuple[float, str] = (0.0, "")
    for endpoint in picture.seen(picture.failing):
        total = picture.server_ms(picture.failing, endpoint)
        requests = max(1, picture.requests(picture.failing, endpoint))
        named = [
            (f"{layer} {noun(layer)}", layer, ms) for layer, ms in picture.layers(picture.failing, endpoint).items()
        ]
        for row in picture.queries(picture.failing, endpoint):
            named.append((f"{endpoint} {row.statement} {row.site}".lower(), "its SQL", row.taken_ns / requests / 1e6))
        for haystack, what, ms in named:
            if words and all(word in haystack.lower() for word in words) and ms > best[0]:
                best = (ms, f"{text}: {ms:.1f} of {total:.0f} ms of {endpoint} ({what}, {ms / total:.0%})")
    return best[1]
