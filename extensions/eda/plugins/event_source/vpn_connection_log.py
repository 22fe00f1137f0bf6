# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An ansible-rulebook event source that tells what the logs of VPN connections say, as it happens."""

from __future__ import annotations

DOCUMENTATION = r"""
---
name: vpn_connection_log
short_description: Watch the logs of Huawei Cloud site-to-site VPN connections
description:
  - Polls the logs and emits each new entry once, over restarts, too, when O(cursor_file) is given.
  - All options are those of M(huaweicloud.vpn.vpn_connection_log_info), but for O(interval), O(requests_per_hour),
    O(cursor_file) and O(debounce).
  - After a transient fault it tries again, with growing pauses, and after the second failure in a row one event
    of type V(error) is emitted. Refused credentials end the source, because repeats would lock the access key, and so
    does what cannot work from the start, such as a name that does not exist.
version_added: "1.0.0"
author:
  - huaweicloud.vpn contributors (!UNKNOWN)
options:
  vpn_connection_id:
    description:
      - IDs of the VPN connections. Exclusive with O(name) and O(vgw_id).
      - With none of the three, every connection of the project is watched. Connections that come later are found within
        ten minutes, unless they are selected by ID.
    type: list
    elements: str
  name:
    description: Names of the VPN connections.
    type: list
    elements: str
  vgw_id:
    description: ID of a VPN gateway, to watch all of its connections.
    type: str
  interval:
    description: Seconds from one poll to the next, or a span such as V(5m). Each reads every connection once.
    type: str
    default: "60"
  requests_per_hour:
    description:
      - The most requests an hour, with retries and all. Where polls in every O(interval) would need more, the next one
        comes later, and a warning says so once.
      - Others who read with the same user or in the same project need their share, too.
    type: int
    default: 1800
  since:
    description:
      - Where there is no cursor yet, emit the entries from this moment on. Without it, only new ones.
      - A date and time with an offset, seconds since the epoch, or a span back from the cloud's clock (V(15m), V(2h)).
    type: str
  cursor_file:
    description:
      - File in which to keep what was emitted. A restart goes on there. Without it, a restart begins anew.
      - It is written after the events were put on the queue. Where the machine or the process dies in between, the
        events of that moment are emitted a second time after the restart. None is left out.
      - Each event source needs a file of its own. A second one on the same file is refused. Beside it, a file with
        the suffix C(.lock) is kept.
    type: path
  kind:
    description:
      - Emit only entries of these kinds. Events of the other types are always emitted.
      - An unrecognised line may be a failure. Add V(unknown) and V(unparsed) to see those, too.
    type: list
    elements: str
    choices:
      - negotiation_failed
      - ike_sa_established
      - tunnel_established
      - rekey
      - dpd_timeout
      - teardown
      - link_quality
      - noise
      - unknown
      - unparsed
  debounce:
    description:
      - Seconds, or a span such as V(5m), in which failures of one connection with the same reason are emitted once. The
        first is emitted at once. Those that follow are counted, and emitted as one event at the end of the time, or
        before a V(recovered).
      - A tunnel that cannot be negotiated logs a failure every few seconds. With V(0), each is an event.
    type: str
    default: "0"
  access_key:
    description: Access key (AK) of an IAM user, else E(HW_ACCESS_KEY) or E(HUAWEICLOUD_SDK_AK).
    type: str
  secret_key:
    description: Secret key (SK), else E(HW_SECRET_KEY) or E(HUAWEICLOUD_SDK_SK).
    type: str
  security_token:
    description:
      - Security token of a temporary access key, else E(HW_SECURITY_TOKEN) or E(HUAWEICLOUD_SDK_SECURITY_TOKEN).
    type: str
  auth_token:
    description:
      - Project-scoped IAM token in place of the access key, else E(HW_AUTH_TOKEN).
      - It expires within a day, and the source ends then.
    type: str
  credentials_file:
    description:
      - Credentials file of the Huawei Cloud SDK to take the keys from, such as V(~/.huaweicloud/credentials). It is
        read at each poll, so that a key may be replaced there.
      - Exclusive with O(shared_config_file), O(ecs_metadata), keys and tokens.
    type: path
  shared_config_file:
    description: Configuration file of KooCLI to take the keys from, such as V(~/.hcloud/config.json), likewise.
    type: path
  profile:
    description: Profile to read in O(credentials_file) or O(shared_config_file).
    type: str
  ecs_metadata:
    description:
      - Whether to take a temporary key from the metadata service of the ECS instance that ansible-rulebook runs on,
        anew at each poll.
    type: bool
    default: false
  region:
    description: Region of the VPN gateways, such as V(cn-north-4), else E(HW_REGION_NAME).
    type: str
  project_id:
    description: ID of the project, else E(HW_PROJECT_ID) or E(HUAWEICLOUD_SDK_PROJECT_ID), else looked up by O(region).
    type: str
  project_name:
    description: Name of the project, by default that of the region, else E(HW_PROJECT_NAME).
    type: str
  assume_role:
    description:
      - The agency of another account to read with, as C(agency_name) and C(domain_name), else
        E(HW_ASSUME_ROLE_AGENCY_NAME) and E(HW_ASSUME_ROLE_DOMAIN_NAME).
    type: dict
  cloud:
    description: Domain of the cloud, else E(HW_CLOUD), else that of the region.
    type: str
  endpoint:
    description: Endpoint of the VPN service, else E(HUAWEICLOUD_VPN_ENDPOINT), else V(https://vpn.REGION.CLOUD).
    type: str
  iam_endpoint:
    description: Endpoint of IAM, else E(HW_AUTH_URL) or E(HUAWEICLOUD_SDK_IAM_ENDPOINT), else V(https://iam.REGION.CLOUD).
    type: str
  validate_certs:
    description: Whether to verify the certificate of the service.
    type: bool
    default: true
  ca_path:
    description: File or folder of CA certificates to verify the service with.
    type: path
  timeout:
    description: Seconds for one poll, with all its requests and retries, or a span; from V(1) to V(3600) seconds.
    type: str
    default: "60"
  retries:
    description:
      - How often to try again within a poll after a transient fault, from V(0) to V(10), else E(HW_MAX_RETRIES).
    type: int
    default: 3
requirements:
  - ansible-core and requests, in the Python that runs ansible-rulebook
notes:
  - "Every event has V(type), V(vpn_connection_id), V(vpn_connection_name) (V(null) for connections selected by ID), and
    V(message), one line for people. See the samples below."
  - The event V(gap) says that entries may have been lost, because the service keeps only the latest lines. A shorter
    O(interval) helps. A line that reaches the log late and is pushed out before the next poll cannot be missed.
  - Emitted means put on the queue of ansible-rulebook. What a rule had not done yet when ansible-rulebook ended is not
    done after a restart.
  - No event is no proof that a tunnel works. For that, use the role P(huaweicloud.vpn.tunnel_verify#role).
seealso:
  - module: huaweicloud.vpn.vpn_connection_log_info
"""

EXAMPLES = r"""
- name: Say which negotiation failed
  hosts: localhost
  sources:
    - huaweicloud.vpn.vpn_connection_log:
        name: [hq-primary, hq-secondary]
        interval: 60
        debounce: 300
        cursor_file: vpn_connection_log.cursor
  rules:
    - name: A negotiation has failed
      condition: event.type == "entry" and event.outcome == "failure"
      action:
        debug:
          msg: "{{ event.message }}"

    - name: Entries may have been lost, or cannot be read
      condition: event.type in ["gap", "error"]
      action:
        debug:
          msg: "{{ event.message }}"

# A new entry of the log has the members of an event of the filter parse_log, and
#
#   type: entry
#   vpn_connection_id: 98c5af8a-4a1f-4d8e-9d07-ae2280a6f4c3
#   vpn_connection_name: hq-primary
#   message: 'hq-primary: 1x "authentication fail" (authentication, phase 1) 2026-11-23T09:52:11Z, peer ... - ...'
#   repeated: 0                # of one event for failures that debounce held back, how many these are
#   timestamp: "2026-11-23T09:52:11.093412Z"
#   kind: negotiation_failed
#   outcome: failure
#   reason: authentication fail
#   ... time, raw_message, host, process, pid, local_address, event, category, phase, peer_address, peer_port, fields,
#   advice, anomalies
#
# A success after failures:
#   type: recovered, failures: 14, since: "...", timestamp: "...", kind: tunnel_established, peer_address: ...
#
# Entries may have been lost between these moments:
#   type: gap, since: "...", until: "..."
#
# The log (or something else, then vpn_connection_id is null) cannot be read, and can be read again:
#   type: error, error: {code: ..., status: ..., message: ..., request_id: ...}
#   type: restored
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

_COLLECTION = "huaweicloud_vpn_event_source"


class Queue(Protocol):
    """Where events go."""

    async def put(self, event: dict[str, Any]) -> None:
        """Take one event."""


async def main(queue: Queue, args: Mapping[str, Any]) -> None:
    """Put events on the queue until the source is cancelled."""
    settings = _load("_watch.options").Settings.from_arguments(args)
    await _load("_watch.loop").Watcher(settings, queue).run()


def _load(room: str) -> ModuleType:
    """Return a room of this collection, the one that this file belongs to.

    ansible-rulebook runs this file by its path and knows no ansible_collections; where the Python package ansible is
    installed, that name belongs to it. Ansible's own loader would keep ansible-rulebook from running other files.
    """
    if _COLLECTION not in sys.modules:
        package = ModuleType(_COLLECTION)
        package.__path__ = [str(Path(__file__).absolute().parents[4] / "plugins")]
        sys.modules[_COLLECTION] = package
    return import_module(f"{_COLLECTION}.plugin_utils.{room}")
