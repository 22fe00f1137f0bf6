# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the emulated cloud answers: IAM v3 and VPN v5 (site-to-site), as documented."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote

from emulator_connection import Connection, instant
from emulator_gate import Caller, Refused, utc
from emulator_world import World

# Error code -> HTTP status and text.
ERRORS: dict[str, tuple[int, str]] = {
    "APIGW.0101": (404, "The API does not exist or has not been published in the environment."),
    "APIGW.0201": (502, "Backend unavailable."),
    "APIGW.0301": (401, "Incorrect IAM authentication information"),
    "APIGW.0302": (403, "The IAM user is not authorized to access the API."),
    "APIGW.0307": (401, "The token must be updated."),
    "APIGW.0308": (
        429,
        "The throttling threshold has been reached: policy user over ratelimit,limit:60,time:1 minute",
    ),
    "APIGW.0613": (503, "IAM unavailable."),
    "VPN.0001": (400, "invalid request"),
    "VPN.0002": (500, "server error"),
    "VPN.0003": (403, "Access denied"),
    "VPN.0004": (404, "resource not found"),
    "VPN.0007": (403, "the user is not authorized to perform vpn:vpnConnections:getLog"),
    "VPN.0009": (425, "the VPN connection is deleting"),
    "VPN.0010": (401, "token authentication failed"),
    "VPN.0014": (504, "system busy"),
    "VPN.0016": (409, "the VPN gateway is not ready"),
    "VPN.0030": (400, "system busy"),
    "VPN.0304": (400, "Query connection log is only supported for newer VPN gateway."),
    "VPN.0305": (400, "Query connection log does not support the connection of the policy-template type."),
    "VPN.0306": (400, "The VPN connection is being updated, please try again later."),
    "VPN.0429": (429, "Too Many Request, Please try again later"),
    "VPN.0563": (404, "The connection does not exists."),
}
# What a fault that gives a status and no code says.
CODE_OF_STATUS = {
    400: "VPN.0001", 401: "APIGW.0301", 403: "VPN.0003", 404: "VPN.0004", 409: "VPN.0016", 425: "VPN.0009",
    429: "APIGW.0308", 500: "VPN.0002", 502: "APIGW.0201", 503: "APIGW.0613", 504: "VPN.0014",
}  # fmt: skip
# IAM has no codes in this shape, only a title and a text.
IAM_ERRORS = {
    400: ("Bad Request", "Request parameters are invalid."),
    401: ("Unauthorized", "Authentication failed"),
    403: ("Forbidden", "You are not authorized to perform the requested action: iam:projects:listProjects"),
    404: ("Not Found", "Could not find the resource."),
}


class Reply(NamedTuple):
    """An answer before it is put on the wire."""

    status: int
    body: bytes
    headers: Mapping[str, str] = {}


class ApiError(Exception):
    """An error answer with one of the documented codes; the code IAM stands for IAM's own shape."""

    def __init__(self, code: str, text: str | None = None, status: int | None = None) -> None:
        """Take status and text from the table where they are not given."""
        super().__init__(code)
        known_status, known_text = ERRORS.get(code, (400, code))
        self.code, self.status = code, status or known_status
        self.title = ""
        if code == "IAM":
            self.title, known_text = IAM_ERRORS.get(self.status, ("Error", "An error occurred."))
        self.text = text or known_text


class Question(NamedTuple):
    """What an operation needs to know of a request."""

    world: World
    request_id: str
    segment: str  # the id in the path, or empty
    query: Mapping[str, list[str]]
    body: bytes
    base: str  # scheme and host as the caller sees them

    def answer(self, **parts: Any) -> Reply:
        """Return 200 with these members and the request id; bytes are JSON already."""
        members = [
            f'"{key}":'.encode() + (value if isinstance(value, bytes) else json.dumps(value).encode())
            for key, value in parts.items()
        ]
        members.append(f'"request_id":"{self.request_id}"'.encode())
        return Reply(200, b"{" + b",".join(members) + b"}")

    def first(self, name: str) -> str | None:
        """Return the first value of a query parameter."""
        return self.query.get(name, [None])[0]

    def connection(self) -> Connection:
        """Return the connection the path names."""
        found = self.world.connections.get(self.segment)
        if found is None:
            raise ApiError("VPN.0004", f"resource not found: vpnConnection {self.segment}")
        return found


def dispatch(world: World, request: Any, caller: Caller | None, refusal: Refused | None) -> Reply:
    """Return the answer to a request that passed the gate (caller), or did not (refusal)."""
    try:
        return _route(world, request, caller, refusal)
    except ApiError as error:
        return failure(world, request, error)


def planned(request: Any, status: int | None, code: str | None, text: str | None) -> ApiError | None:
    """Return the error of a fault that gives a code, or a status that has a usual code; else None."""
    if code is None:
        in_iam = request.path.startswith(("/v3/", "/v3.0/")) and status in IAM_ERRORS
        code = "IAM" if in_iam else CODE_OF_STATUS.get(status or 200)
    return ApiError(code, text, status) if code else None


def failure(world: World, request: Any, error: ApiError) -> Reply:
    """Return an error in the shape of its origin: IAM, API gateway or VPN service."""
    body: dict[str, Any]
    if error.code == "IAM":
        body = {"error": {"message": error.text, "code": error.status, "title": error.title}}
    else:
        body = {"error_msg": error.text, "error_code": error.code, "request_id": request.id}
    return Reply(error.status, json.dumps(body).encode())


def _route(world: World, request: Any, caller: Caller | None, refusal: Refused | None) -> Reply:
    segments = [unquote(segment) for segment in request.path.split("/")[1:]]
    query = parse_qs(request.query, keep_blank_values=True) if request.query else {}
    base = f"http://{request.headers.get('host', '')}"
    in_iam = segments[0] in ("v3", "v3.0")
    if in_iam:
        operation = IAM.get((request.method, "/".join(segments[1:])))
        identity = ""
    elif segments[0] == "v5" and len(segments) > 2:
        identity = segments[3] if len(segments) > 3 else ""
        key = (request.method, segments[2], *(("{id}",) if identity else segments[3:4]), *segments[4:])
        operation = VPN.get(key)
    else:
        operation = None
    if operation is None:
        # The gateway does not tell an unknown path from an unknown method: both are APIGW.0101 with 404.
        raise ApiError("APIGW.0101")
    if refusal is not None:
        if in_iam:
            raise ApiError("IAM", status=401)
        raise ApiError("APIGW.0301", f"Incorrect IAM authentication information: {refusal}")
    if segments[0] == "v5" and caller is not None:
        _check_project(world, request, caller, segments[1])
    with world.lock:
        return operation(Question(world, request.id, identity, query, request.body, base))


def _check_project(world: World, request: Any, caller: Caller, project_id: str) -> None:
    """Raise for a project that is not the account's, not the token's, or not the one the header names."""
    known = any(project["id"] == project_id for project in world.projects)
    if not known or not caller.may_use(project_id) or request.headers.get("x-project-id", project_id) != project_id:
        raise ApiError("VPN.0003", f"Access denied: project {project_id}")


# VPN v5 ----------------------------------------------------------------------------------------------------------


def show_log(question: Question) -> Reply:
    """Return the newest log entries of a connection; there are no parameters and no pages."""
    connection = question.connection()
    if connection.error:
        error = connection.error if isinstance(connection.error, Mapping) else {"code": connection.error}
        raise ApiError(error.get("code", "VPN.0001"), error.get("message"), error.get("status"))
    if not question.world.supports_logs(connection):
        raise ApiError("VPN.0304")
    return question.answer(logs=None if question.world.logs_null else connection.logs())


def list_connections(question: Question) -> Reply:
    """Return one page of connections, created last first; the marker is a creation time and exclusive."""
    world = question.world
    found = [connection for connection in world.ordered if _selected(connection, question.query)]
    marker = question.first("marker")
    if marker is not None:
        before = _parameter("marker", marker, instant)
        found = [connection for connection in found if connection.created < before]
    page = found[: _limit(question, world.page_limit, world.max_page_limit)]
    documents = b"[" + b",".join(connection.document for connection in page) + b"]"
    info: dict[str, Any] = {"current_count": len(page)}
    if page:
        info["next_marker"] = page[-1].public["created_at"]
    # total_count counts the tenant's connections, whatever the filters.
    return question.answer(vpn_connections=documents, page_info=info, total_count=len(world.connections))


def show_connection(question: Question) -> Reply:
    """Return one connection."""
    return question.answer(vpn_connection=question.connection().document)


def list_ipsec_sas(question: Question) -> Reply:
    """Return the IPsec SAs of a connection, where the region has this API."""
    if not question.world.ipsec_sa_api:
        raise ApiError("APIGW.0101")
    return question.answer(sa_infos=question.connection().sa_infos())


def reset_connection(question: Question) -> Reply:
    """Negotiate a connection anew."""
    question.world.reset_connection(question.connection())
    return question.answer()


def list_gateways(question: Question) -> Reply:
    """Return all gateways; this list has no pages."""
    return question.answer(vpn_gateways=list(question.world.gateways.values()))


def show_gateway(question: Question) -> Reply:
    """Return one gateway."""
    return question.answer(vpn_gateway=_of(question.world.gateways, question.segment, "vgw"))


def _selected(connection: Connection, query: Mapping[str, list[str]]) -> bool:
    public = connection.public
    names = ("vgw_id", "vgw_ip", "enterprise_project_id")
    return not query or all(public.get(name) in query[name] for name in names if name in query)


def _limit(question: Question, default: int, maximum: int) -> int:
    text = question.first("limit")
    limit = default if text is None else _parameter("limit", text, int)
    if not 0 <= limit <= maximum:
        raise ApiError("VPN.0001", f"invalid request: limit must be in the range of 0 to {maximum}")
    return limit


def _parameter(name: str, text: str, read: Callable[[str], int]) -> int:
    try:
        return read(text)
    except ValueError:
        raise ApiError("VPN.0001", f"invalid request: {name} is invalid") from None


def _of(where: Mapping[str, Any], identity: str, what: str) -> Any:
    if identity not in where:
        raise ApiError("VPN.0004", f"resource not found: {what} {identity}")
    return where[identity]


# IAM v3 ----------------------------------------------------------------------------------------------------------


def list_projects(question: Question) -> Reply:
    """Return the projects of the account, of one name if asked so."""
    wanted = question.first("name")
    projects = [project for project in question.world.projects if wanted in (None, project["name"])]
    return _iam_list(question, "projects", [_project(question, project) for project in projects])


def list_domains(question: Question) -> Reply:
    """Return the account."""
    domain = {"id": question.world.domain_id, "name": "emulator-account", "enabled": True, "description": ""}
    return _iam_list(question, "domains", [{**domain, "links": {"self": question.base}}])


def create_temporary_key(question: Question) -> Reply:
    """Return a temporary access key of an agency, for as long as was asked."""
    world = question.world
    try:
        identity = json.loads(question.body)["auth"]["identity"]
        role = identity["assume_role"]
        given, seconds = (role["agency_name"], role["domain_name"]), int(role.get("duration_seconds", 900))
    except (ValueError, KeyError, TypeError):
        raise ApiError("IAM", status=400) from None
    if identity["methods"] != ["assume_role"] or not 900 <= seconds <= 86400:
        raise ApiError("IAM", status=400)
    if given not in [(known["agency_name"], known["domain_name"]) for known in world.agencies]:
        raise ApiError("IAM", status=404)
    number = uuid.uuid4().hex
    key = {"access_key": f"AGENCY{number[:14].upper()}", "secret_key": f"agency-secret-{number}"}
    key["security_token"] = f"agency-token-{uuid.uuid4().hex}"
    world.credentials[key["access_key"]] = key
    shown = {"access": key["access_key"], "secret": key["secret_key"], "securitytoken": key["security_token"]}
    body = {"credential": {**shown, "expires_at": utc(world.now() + seconds)}}
    return Reply(201, json.dumps(body).encode())


def _project(question: Question, project: Mapping[str, Any]) -> dict[str, Any]:
    domain_id = question.world.domain_id
    return {
        "is_domain": False,
        "description": "",
        "links": {"self": f"{question.base}/v3/projects/{project['id']}"},
        "enabled": True,
        "parent_id": domain_id,
        "domain_id": domain_id,
        **project,
    }


def _iam_list(question: Question, name: str, items: list[dict[str, Any]]) -> Reply:
    links = {"self": f"{question.base}/v3/{name}", "previous": None, "next": None}
    return Reply(200, json.dumps({"links": links, name: items}).encode())


Operation = Callable[[Question], Reply]
IAM: dict[tuple[str, str], Operation] = {
    ("GET", "projects"): list_projects,
    ("GET", "auth/projects"): list_projects,
    ("GET", "auth/domains"): list_domains,
    ("POST", "OS-CREDENTIAL/securitytokens"): create_temporary_key,
}
VPN: dict[tuple[str, ...], Operation] = {
    ("GET", "vpn-connection"): list_connections,
    ("GET", "vpn-connection", "{id}"): show_connection,
    ("GET", "vpn-connection", "{id}", "log"): show_log,
    ("GET", "vpn-connection", "{id}", "ipsec-sa"): list_ipsec_sas,
    ("POST", "vpn-connection", "{id}", "reset"): reset_connection,
    ("GET", "vpn-gateways"): list_gateways,
    ("GET", "vpn-gateways", "{id}"): show_gateway,
}
