"""Django's ORM: compiling and running statements, building objects, which relationship a statement is for."""

from ..request import current
from .django_relations import of_field, of_queryset
from .layers import timed_once


def install_query(agent, module):
    """Time the building of a whole result, once per queryset; rows of `iterator()` stay with who asks for them."""
    layer = agent.layer("hydration")
    agent.patcher.wrap(module.QuerySet, "_fetch_all", _fetching(agent, layer))
    agent.patcher.wrap(module.RawQuerySet, "_fetch_all", _fetching(agent, layer))
    orm = agent.layer("orm")
    agent.patcher.wrap(module, "prefetch_related_objects", _prefetching(orm))
    for name in ("get", "first", "last", "count", "exists", "aggregate", "update", "in_bulk"):
        agent.patcher.wrap(module.QuerySet, name, timed_once(orm))


def _fetching(agent, layer):
    def make(original):
        def _fetch_all(queryset):
            request = current.get()
            if request is None or request.done or _is_there(queryset):
                return original(queryset)
            relation = request.relation
            if not relation and queryset._hints:
                request.relation = of_queryset(agent, queryset)
            request.enter(layer)
            try:
                return original(queryset)
            finally:
                request.leave(layer)
                request.relation = relation

        return _fetch_all

    return make


def _is_there(queryset):
    """Whether nothing is left to do: this is asked for at every `len` and every loop."""
    prefetched = queryset._prefetch_done or not queryset._prefetch_related_lookups
    return queryset._result_cache is not None and prefetched


def _prefetching(layer):
    def make(original):
        def prefetch_related_objects(*args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return original(*args, **kwargs)
            relation, request.relation = request.relation, 0
            request.enter(layer)
            try:
                return original(*args, **kwargs)
            finally:
                request.leave(layer)
                request.relation = relation

        return prefetch_related_objects

    return make


def install_compiler(agent, module):
    """Time what is between a queryset and its statement: compiling, and taking the rows."""
    layer = agent.layer("orm")
    for name in ("SQLCompiler", "SQLInsertCompiler"):
        agent.patcher.wrap(getattr(module, name), "execute_sql", timed_once(layer))


def install_base(agent, module):
    """Time saving a model, and loading a field late, which is named."""
    layer = agent.layer("orm")
    agent.patcher.wrap(module.Model, "save_base", timed_once(layer))

    def make(original):
        def refresh_from_db(instance, *args, **kwargs):
            request = current.get()
            if request is None or request.done:
                return original(instance, *args, **kwargs)
            fields = kwargs.get("fields") or (args[1] if len(args) > 1 else None)
            relation = request.relation
            if isinstance(fields, (list, tuple)) and len(fields) == 1:
                request.relation = agent.names.get("relation", "%s.%s" % (type(instance).__name__, fields[0]))
            request.enter(layer)
            try:
                return original(instance, *args, **kwargs)
            finally:
                request.leave(layer)
                request.relation = relation

        return refresh_from_db

    agent.patcher.wrap(module.Model, "refresh_from_db", make)


def install_deletion(agent, module):
    """Time finding what else has to go, and deleting it."""
    for name in ("collect", "delete"):
        agent.patcher.wrap(module.Collector, name, timed_once(agent.layer("orm")))


def install_descriptors(agent, module):
    """Say which foreign key is followed one row at a time."""
    layer = agent.layer("orm")
    known = {}

    def relation_of(descriptor):
        field, number = known.get(id(descriptor), (None, 0))
        if field is not descriptor.field:
            field, number = known[id(descriptor)] = (descriptor.field, of_field(agent, descriptor.field))
        return number

    def make(original):
        def get_object(descriptor, instance):
            request = current.get()
            if request is None or request.done:
                return original(descriptor, instance)
            relation, request.relation = request.relation, relation_of(descriptor)
            request.enter(layer)
            try:
                return original(descriptor, instance)
            finally:
                request.leave(layer)
                request.relation = relation

        return get_object

    agent.patcher.wrap(module.ForwardManyToOneDescriptor, "get_object", make)
