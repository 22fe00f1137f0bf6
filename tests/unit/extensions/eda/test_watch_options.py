# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""When to read next, what to do about errors, and the options; all by given times."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
import yaml
from ansible_collections.huaweicloud.vpn.extensions.eda.plugins.event_source import vpn_connection_log
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.settings import ENVIRONMENT
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import (
    ApiError,
    OptionError,
    TransportError,
    VpnError,
)
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._watch.backoff import Backoff, ends_it, next_reading
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._watch.options import Settings, watch_spec
from hypothesis import given
from hypothesis import strategies as st

DOWN = TransportError("down", code="E_CONNECT")
GIVEN = {"access_key": "an-access-key", "secret_key": "a-secret-key", "region": "cn-north-4"}
UUID = "98c5af8a-1111-4222-8333-ae2280a6f4c3"


def status(number, **details):
    return ApiError("refused", code="VPN.0001", status=number, **details)


@given(st.lists(st.integers(0, 500), min_size=2, max_size=50), st.integers(1, 600), st.integers(1, 5000))
def test_the_budget_holds_over_any_hour(requests, interval, budget):
    now, sent = 0.0, []
    for count in requests:
        sent.append((now, count))
        following = next_reading(now, count, interval, budget)
        assert following >= now + interval
        now = following
    # What was sent until a reading, without that reading, has been paid for by time.
    for begin, (start, _count) in enumerate(sent):
        for end in range(begin + 1, len(sent)):
            spent = sum(count for _moment, count in sent[begin:end])
            assert spent <= (sent[end][0] - start) * budget / 3600 + 1e-6


def test_each_failure_doubles_the_wait_up_to_a_quarter_of_an_hour():
    trouble, waits = Backoff(), []
    for _time in range(40):
        trouble = trouble.again(DOWN, 100.0, 60)
        waits.append(trouble.due - 100)
    assert waits[:5] == [60, 120, 240, 480, 900]
    assert set(waits[5:]) == {900}
    assert Backoff().again(DOWN, 0.0, 3000).again(DOWN, 0.0, 3000).due == 3000


def test_what_the_service_asks_for_is_kept_within_an_hour():
    assert Backoff().again(status(429, retry_after=400.0), 0.0, 60).due == 400
    assert Backoff().again(status(429, retry_after=9e9), 0.0, 60).due == 3600
    assert Backoff().again(status(429, retry_after=1.0), 0.0, 60).due == 60


def test_a_fault_that_passes_is_told_when_it_comes_again():
    once = Backoff().again(DOWN, 0.0, 60)
    assert not once.is_worth_telling(DOWN)
    assert once.again(DOWN, 0.0, 60).is_worth_telling(DOWN)
    assert once.is_worth_telling(status(403))


@pytest.mark.parametrize(
    ("error", "at_start", "later"),
    [
        (status(401), True, True),
        (status(403), True, False),
        (status(404), True, False),
        (status(429), False, False),
        (status(500), False, False),
        (OptionError("name", "there is none"), True, False),
        (DOWN, False, False),
        (TransportError("late", code="E_DEADLINE"), False, False),
        (VpnError("bug", code="E_INTERNAL"), True, False),
    ],
)
def test_what_ends_the_source(error, at_start, later):
    assert ends_it(error, read_before=False) is at_start
    assert ends_it(error, read_before=True) is later


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    for names in ENVIRONMENT.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)


def test_options_have_the_types_that_a_rulebook_may_give(monkeypatch, tmp_path):
    monkeypatch.setenv("HW_SECRET_KEY", "another-secret")
    given_options = {name: value for name, value in GIVEN.items() if name != "secret_key"}
    settings = Settings.from_arguments(
        {
            **given_options,
            "eda_feedback_queue": object(),
            "interval": "90s",
            "vgw_id": "",
            "name": "hq-primary",
            "kind": "unknown,unparsed",
            "since": datetime(2026, 11, 23, 10, tzinfo=timezone.utc),
            "cursor_file": "$PLACE/a.cursor",
        }
    )
    assert settings.connect().secret_key == "another-secret"
    assert (settings.interval, settings.requests_per_hour, settings.debounce) == (90, 1800, 0)
    assert settings.selection.ids_and_names == (("name", "hq-primary"),)
    assert settings.kind == ("unknown", "unparsed")
    assert settings.since.value == 1_795_428_000_000_000
    assert settings.cursor_file == "$PLACE/a.cursor"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"interval": 0}, "interval: 0 is out of range"),
        ({"interval": "soon"}, "interval: give seconds, 0 or more, or a span such as 15m"),
        ({"requests_per_hour": 0}, "requests_per_hour: 0 is out of range"),
        ({"debounce": -1}, "debounce: give seconds, 0 or more"),
        ({"kind": []}, "kind: the list is empty"),
        ({"kind": "failures"}, "failures"),
        ({"since": "yesterday"}, "since: cannot read 'yesterday'"),
        ({"name": "a", "vgw_id": UUID}, "vgw_id: give only one of vpn_connection_id, name, vgw_id"),
        ({"vpn_connection_id": "x"}, "'x' is not a connection ID"),
        ({"period": 60}, "period. Supported"),
        ({"secret_key": None}, "secret_key: is missing"),
        ({"region": None}, "region: required: set region"),
        ({"endpoint": "http://198.51.100.1"}, "endpoint: http://"),
    ],
)
def test_an_option_that_cannot_be_used_is_named(options, message):
    with pytest.raises(VpnError) as error:
        Settings.from_arguments({**GIVEN, **options}).connect()
    assert message in str(error.value)
    assert "a-secret-key" not in str(error.value)


def test_the_documentation_has_every_option_as_it_is():
    documented = yaml.safe_load(vpn_connection_log.DOCUMENTATION)["options"]
    spec = watch_spec()
    assert set(documented) == set(spec)
    for name, option in documented.items():
        for member in ("type", "elements", "choices", "default"):
            assert option.get(member) == spec[name].get(member), name
        said = str(option["description"])
        assert all(f"E({variable})" in said for variable in ENVIRONMENT.get(name, ())), name
