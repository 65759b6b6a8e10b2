"""The proxy talks to this machine only, unless a host was named."""

import pytest

from nineam.errors import UsageError
from nineam.faults.addresses import addresses_of
from nineam.faults.client import FaultProxy
from nineam.model.fault import Upstream


def upstream(host="127.0.0.1", port=5432, **more):
    return Upstream(name="database", host=host, port=port, **more)


def elsewhere(host):
    return ("192.0.2.1",)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1"])
def test_this_machine_needs_no_permission(host):
    assert addresses_of(upstream(host)) == (host,)


def test_localhost_is_tried_at_all_its_addresses():
    assert addresses_of(upstream("localhost"), resolver=lambda host: ("::1", "127.0.0.1")) == ("::1", "127.0.0.1")


@pytest.mark.parametrize("host", ["192.0.2.1", "8.8.8.8", "0.0.0.0"])
def test_another_machine_is_refused_by_the_real_proxy_before_anything_starts(host):
    with pytest.raises(UsageError, match="not this machine") as raised:
        FaultProxy.start([upstream(host)])
    assert host in raised.value.hint


def test_a_name_that_leads_elsewhere_is_refused_even_if_it_leads_here_too():
    with pytest.raises(UsageError, match="not this machine"):
        addresses_of(upstream("shop.test"), resolver=lambda host: ("127.0.0.1", "192.0.2.1"))


def test_a_host_that_was_named_is_allowed_and_no_other():
    allowed = ("Shop.test",)
    assert addresses_of(upstream("shop.TEST"), allowed, elsewhere) == ("192.0.2.1",)
    with pytest.raises(UsageError):
        addresses_of(upstream("evil-shop.test"), allowed, elsewhere)


def no_address(host):
    raise OSError("no such host")


@pytest.mark.parametrize("port", [0, -1, 65_536])
def test_a_port_that_does_not_exist_is_named(port):
    with pytest.raises(UsageError, match=f"port {port} does not exist"):
        addresses_of(upstream(port=port))


def test_a_name_without_an_address_is_named():
    with pytest.raises(UsageError, match=r"'shop\.invalid' has no address"):
        addresses_of(upstream("shop.invalid"), resolver=no_address)


def test_two_upstreams_of_one_name_are_refused_by_the_proxy_itself():
    with pytest.raises(UsageError, match="two upstreams are called 'database'"):
        FaultProxy.start([upstream(), upstream(port=6379)])


def test_a_port_that_is_taken_is_named(dependency):
    with pytest.raises(UsageError, match=f"cannot listen on 127.0.0.1:{dependency.port}"):
        FaultProxy.start([upstream(listen=dependency.port)])
