# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Another project, and keys of an agency, as Terraform's provider takes them; what it takes besides is refused."""

from __future__ import annotations

import pytest
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.api import VpnApi
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.session import Session
from ansible_collections.huaweicloud.vpn.plugins.module_utils._client.terraform import ROLE
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.logs import gather
from ansible_collections.huaweicloud.vpn.plugins.module_utils._gather.query import Query, Selection, query_spec

AGENCY = {"agency_name": "vpn-reader", "domain_name": "emulator-partner"}
KEY = "EMULATORACCESSKEY001"
OTHER = {"id": "f" * 32, "name": "cn-north-4_prod"}
TERRAFORM = "is set; Terraform uses it, this collection does not"


@pytest.fixture
def evidence(emulator, connect):
    """Gather with these options."""

    def take(**options):
        query = Query.from_options({name: entry.get("default") for name, entry in query_spec().items()}.get)
        return gather(connect(emulator.url, **options), Selection(), query)

    return take


def refused(act, *arguments, **options):
    with pytest.raises(VpnError) as caught:
        act(*arguments, **options)
    return str(caught.value)


def asked(emulator):
    return [request["path"].partition("?")[0] for request in emulator.requests]


@pytest.mark.parametrize("by_environment", [False, True])
def test_an_agency_gives_the_keys_of_all_other_requests(evidence, emulator, monkeypatch, by_environment):
    for name, variable in ROLE.items() if by_environment else ():
        monkeypatch.setenv(variable, AGENCY[name])
    answer = evidence(**({} if by_environment else {"assume_role": AGENCY}))
    path, *others = asked(emulator)
    assert path == "/v3.0/OS-CREDENTIAL/securitytokens"
    assert others[0] == "/v3/projects"
    used = {request["headers"]["authorization"].split("Access=")[1].split(",")[0] for request in emulator.requests[1:]}
    (key,) = used
    assert key.startswith("AGENCY")
    source = answer["acted_as"]
    assert (source["agency"], source["access_key"]) == ("vpn-reader of emulator-partner", key[-4:])
    assert len(answer["vpn_connections"]) == 3


def test_a_token_can_take_the_keys_of_an_agency_too(evidence, emulator):
    token = {"auth_token": "emulator-project-token-0001", "access_key": None, "secret_key": None}
    assert evidence(**token, assume_role=AGENCY)["acted_as"]["agency"]
    assert "x-auth-token" in emulator.requests[0]["headers"]
    assert not any("x-auth-token" in request["headers"] for request in emulator.requests[1:])


def test_temporary_keys_are_secrets_and_cost_time(emulator, connect):
    connection = connect(emulator.url, assume_role=AGENCY)
    assert {len(secret) > 10 for secret in connection.secrets} == {True}
    assert len(connection.secrets) == 3
    assert not any(secret in repr(connection) for secret in connection.secrets)
    assert connection.spent > 0


@pytest.mark.parametrize("given", [{}, {"agency_name": None, "domain_name": ""}])
def test_an_empty_dictionary_keeps_the_variables_out(evidence, emulator, monkeypatch, given):
    monkeypatch.setenv("HW_ASSUME_ROLE_AGENCY_NAME", "someone")
    assert evidence(assume_role=given)["acted_as"]["agency"] is None
    assert asked(emulator)[0] == "/v3/projects"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"agency_name": "vpn-reader"}, "assume_role: domain_name (HW_ASSUME_ROLE_DOMAIN_NAME) is missing"),
        ({"domain_name": "emulator-partner"}, "assume_role: agency_name (HW_ASSUME_ROLE_AGENCY_NAME) is missing"),
        ({**AGENCY, "agency_name": "a\nb"}, "assume_role: agency_name (HW_ASSUME_ROLE_AGENCY_NAME) is missing or not"),
        ({**AGENCY, "duration": "1h"}, "assume_role: 'duration': unknown key"),
        ({**AGENCY, "agency_name": 7}, "assume_role: must be a dictionary of"),
        ("vpn-reader", "assume_role: must be a dictionary of"),
    ],
)
def test_an_agency_that_cannot_be_one_is_said_before_anything_is_sent(connect, emulator, given, said):
    assert refused(connect, emulator.url, assume_role=given).startswith(said)
    assert emulator.requests == []


def test_an_agency_that_is_not_there_is_an_error_with_what_to_check(connect, emulator):
    said = refused(connect, emulator.url, assume_role={**AGENCY, "agency_name": "unheard-of"})
    assert "check agency_name and domain_name, and that the user has the permission Agent Operator" in said


@pytest.mark.parametrize(
    ("credential", "said"),
    [
        ("{}", "assume_role: IAM is incomplete: access of credential is missing"),
        (
            '{"access": "AGENCYKEY0001", "secret": "canary-secret", "securitytoken": "canary-token"}',
            "without an expiry ti",
        ),
        (
            '{"access": "AGENCYKEY0001", "secret": "canary-secret", "securitytoken": "canary-token",'
            ' "expires_at": "2020-01-01T00:00:00.0Z"}',
            "assume_role: IAM returned an expired key",
        ),
    ],
)
def test_an_answer_without_a_good_key_is_none(connect, serve, answer, credential, said):
    server = serve(answer('{"credential": ' + credential + "}", "201 Created"))
    text = refused(connect, server.url, assume_role=AGENCY)
    assert said in text
    assert "canary" not in text


def test_a_project_has_a_name_of_its_own(emulator, connect, monkeypatch):
    emulator.world.projects.append(OTHER)

    def project(**options):
        connection = connect(emulator.url, **options)
        return VpnApi(Session(connection), connection).project_id()

    assert project() != OTHER["id"]
    assert project(project_name=OTHER["name"]) == OTHER["id"]
    monkeypatch.setenv("HW_PROJECT_NAME", OTHER["name"])
    assert project() == OTHER["id"]
    assert project(project_id="1" * 32) == "1" * 32, "an ID goes before the variable"
    assert project(project_name="cn-north-4") != OTHER["id"], "so does an option"
    assert refused(project, project_name="nowhere").startswith("project_id: there is no project named 'nowhere' for")
    assert refused(project, project_name="a", project_id="1" * 32).startswith("project_name: give either project_name")
    assert refused(project, project_name="a\nb").startswith("project_name: 'a\\nb' is not the name of a project")


@pytest.mark.parametrize(
    ("variable", "option", "instead"),
    [
        ("HW_ASSUME_ROLE_DOMAIN_ID", "assume_role", {"assume_role": AGENCY}),
        ("HW_ASSUME_ROLE_ID_TOKEN_FILE", "assume_role", {"assume_role": {}}),
        ("OS_AGENCY_NAME", "assume_role", {"assume_role": {}}),
        ("OS_PROJECT_NAME", "project_id", {"project_id": "1" * 32}),
        ("OS_TENANT_ID", "project_id", {"project_name": "cn-north-4"}),
        ("HW_PROFILE", "shared_config_file", None),
    ],
)
def test_what_terraform_alone_would_obey_is_refused_by_its_name(
    emulator, connect, monkeypatch, variable, option, instead
):
    monkeypatch.setenv(variable, "other")
    connect(emulator.url)  # the keys are of the task, and not those of Terraform
    monkeypatch.setenv("HW_ACCESS_KEY", KEY)
    said = refused(connect, emulator.url)
    assert said.startswith(f"{option}: {variable} {TERRAFORM}: give {option}")
    if instead is not None:
        connect(emulator.url, **instead)
    monkeypatch.setenv(variable, "cn-north-4" if option == "project_id" else "")
    connect(emulator.url)
