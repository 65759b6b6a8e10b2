"""Which relationship a queryset follows: `Customer.orders`, as the application would write it, or nothing.

A name is only given when there is exactly one relationship it can be.
"""

_known = {}
KEPT = 5000


def of_field(agent, field):
    """Return the number of a foreign key's name."""
    return agent.names.get("relation", "%s.%s" % (field.model.__name__, field.name))


def of_queryset(agent, queryset):
    """Return the number of the relationship that a related manager's queryset is for, or 0."""
    try:
        instance = queryset._hints.get("instance")
        if instance is None:
            return 0
        followed = next(iter(getattr(queryset, "_known_related_objects", ())), None)
        key = (type(instance), queryset.model, followed)
        if key not in _known and len(_known) < KEPT:
            _known[key] = _reverse(followed) if followed is not None else _candidates(*key[:2])
        names = _known.get(key, ())
        if len(names) > 1:
            tables = {getattr(each, "table_name", None) for each in queryset.query.alias_map.values()}
            names = [(name, through) for name, through in names if through in tables]
        return agent.names.get("relation", names[0][0]) if len(names) == 1 else 0
    except Exception:
        agent.recorder.dropped += 1
        return 0


def _reverse(field):
    remote = field.remote_field
    return [("%s.%s" % (remote.model.__name__, remote.get_accessor_name()), None)]


def _candidates(owner, target):
    """Return the relationships from one model to another as `(name, table of a many-to-many)`."""
    found = []
    if issubclass(owner, target):
        return found  # a reload of the same object, or a tree's own: which one cannot be told
    for field in owner._meta.get_fields():
        if getattr(field, "related_model", None) is not target or not field.is_relation:
            continue
        reverse = field.auto_created and not field.concrete
        name = field.get_accessor_name() if reverse else field.name
        many = (field.field if reverse else field) if field.many_to_many else None
        through = many.remote_field.through._meta.db_table if many is not None else None
        if name:
            found.append(("%s.%s" % (owner.__name__, name), through))
    return found
