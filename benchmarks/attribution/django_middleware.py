"""Two middlewares, for synchronous and asynchronous chains alike: one computes, one waits."""

from typing import Any

from asgiref.sync import iscoroutinefunction
from django.utils.decorators import sync_and_async_middleware
from django.utils.deprecation import MiddlewareMixin

from benchmarks.attribution import ledger, plan

_SPINS = "middleware:SpinningMiddleware"
_WAITS = "middleware:waiting_middleware"


class SpinningMiddleware(MiddlewareMixin):
    """A class with hooks, as most are; Django runs them in a thread where the chain is asynchronous."""

    def process_request(self, *_: Any) -> None:
        """Compute before the view is known."""
        ledger.spin(_SPINS, plan.MIDDLEWARE_SPIN)

    def process_view(self, *_: Any) -> None:
        """Compute once it is."""
        ledger.spin(_SPINS, plan.MIDDLEWARE_SPIN)

    def process_response(self, _: Any, response: Any) -> Any:
        """Compute on the way back."""
        ledger.spin(_SPINS, plan.MIDDLEWARE_SPIN)
        return response


@sync_and_async_middleware
def waiting_middleware(get_response: Any) -> Any:
    """Wait on the way in and compute on the way back."""
    if iscoroutinefunction(get_response):

        async def middleware(request: Any) -> Any:
            await ledger.wait(_WAITS, plan.MIDDLEWARE_WAIT)
            response = await get_response(request)
            ledger.spin(_WAITS, plan.MIDDLEWARE_SPIN)
            return response
    else:

        def middleware(request: Any) -> Any:
            ledger.sleep(_WAITS, plan.MIDDLEWARE_WAIT)
            response = get_response(request)
            ledger.spin(_WAITS, plan.MIDDLEWARE_SPIN)
            return response

    return middleware
