# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is PRIVATE to the huaweicloud.vpn collection: nothing outside it may rely on it.

from __future__ import annotations


class ModuleDocFragment:
    """The connection options, for modules and (with env and vars) for plugins; see module_utils/_client/settings.py."""

    DOCUMENTATION = r"""
options:
  access_key:
    description:
      - Access key (AK) of an IAM user. Goes with O(secret_key); exclusive with O(auth_token).
      - If not given, the first of E(HW_ACCESS_KEY) and E(HUAWEICLOUD_SDK_AK) that is set is used.
    type: str
  secret_key:
    description:
      - Secret key (SK) of the access key.
      - If not given, the first of E(HW_SECRET_KEY) and E(HUAWEICLOUD_SDK_SK) that is set is used.
    type: str
  security_token:
    description:
      - Security token that belongs to a temporary access key.
      - If not given, the first of E(HW_SECURITY_TOKEN) and E(HUAWEICLOUD_SDK_SECURITY_TOKEN) that is set is used.
    type: str
  auth_token:
    description:
      - Project-scoped IAM token, instead of O(access_key) and O(secret_key).
      - If not given, E(HW_AUTH_TOKEN) is used.
    type: str
  credentials_file:
    description:
      - Credentials file of the Huawei Cloud SDK, such as V(~/.huaweicloud/credentials), to take the keys from. Its
        C(project_id) and C(iam_endpoint) are used where O(project_id) and O(iam_endpoint) are not given.
      - Profiles that sign in with an identity provider are not supported.
      - Exclusive with O(shared_config_file), O(ecs_metadata), and with keys and tokens, whether these come from options
        or from the environment. To ignore an environment variable, give its option an empty value.
    type: path
  shared_config_file:
    description:
      - Configuration file of KooCLI, such as V(~/.hcloud/config.json), to take the keys from. Terraform calls it
        C(shared_config_file). Its region is used where O(region) is not given. Its project is used where O(project_id)
        is not given and the region is that of the file.
      - The keys must be there in plain text, as for Terraform. KooCLI encrypts them by default. To
        switch that off, run C(hcloud configure set --cli-auth-encrypt=false). The cloud refuses encrypted keys.
      - Profiles of the modes V(AKSK) and V(SSO) are supported, without an agency.
      - Exclusive with the same options as O(credentials_file).
    type: path
  profile:
    description:
      - Profile to read in O(credentials_file), by default V(basic), or in O(shared_config_file), by default the current
        one of that file.
    type: str
  ecs_metadata:
    description:
      - Whether to take a temporary key from the metadata service of the ECS instance that the task runs on. The
        instance needs an agency that may read the VPN service. O(region) is still needed.
      - The service is asked at C(http://169.254.169.254), without a proxy, for at most 5 seconds of O(timeout).
      - Exclusive with the same options as O(credentials_file).
    type: bool
    default: false
  region:
    description:
      - Region of the VPN gateways, such as V(cn-north-4). Needed unless both O(endpoint) and O(project_id) are given.
      - If not given, E(HW_REGION_NAME) is used.
    type: str
  project_id:
    description:
      - ID of the project. When it is missing, the project named O(project_name) is looked up on IAM.
      - If not given, the first of E(HW_PROJECT_ID) and E(HUAWEICLOUD_SDK_PROJECT_ID) that is set is used.
    type: str
  project_name:
    description:
      - Name of the project, by default that of O(region). Exclusive with O(project_id).
      - If neither is given, E(HW_PROJECT_NAME) is used.
    type: str
  assume_role:
    description:
      - Read with temporary keys of an agency that another account has delegated to the account of the keys or the
        token, as Terraform does it. The user needs the permission Agent Operator.
      - If not given, E(HW_ASSUME_ROLE_AGENCY_NAME) and E(HW_ASSUME_ROLE_DOMAIN_NAME) are used. Give an empty
        dictionary to ignore both variables.
    type: dict
    suboptions:
      agency_name:
        description: Name of the agency.
        type: str
      domain_name:
        description: Name of the account that has made the agency.
        type: str
  cloud:
    description:
      - Domain of the cloud. If neither this nor E(HW_CLOUD) is given, it is V(myhuaweicloud.eu) for the regions
        V(eu-west-1*), and V(myhuaweicloud.com) for all others.
    type: str
  endpoint:
    description:
      - Endpoint of the VPN service, V(https://vpn.REGION.CLOUD) by default. V(http://) is accepted for loopback only.
      - If not given, E(HUAWEICLOUD_VPN_ENDPOINT) is used.
    type: str
  iam_endpoint:
    description:
      - Endpoint of IAM, V(https://iam.REGION.CLOUD) by default. A V(/v3) at its end is ignored.
      - If not given, the first of E(HW_AUTH_URL) and E(HUAWEICLOUD_SDK_IAM_ENDPOINT) that is set is used.
    type: str
  validate_certs:
    description: Whether to verify the certificate of the service. If V(false), anyone in between can forge answers.
    type: bool
    default: true
  ca_path:
    description:
      - File or folder of CA certificates to verify the service with. It wins over E(REQUESTS_CA_BUNDLE) and
        E(CURL_CA_BUNDLE), which are read when it is not given.
    type: path
  timeout:
    description:
      - Seconds for the whole task, with all requests, retries and pauses between them, or a span such as V(5m).
      - From V(1) to V(3600) seconds.
    type: str
    default: "60"
  retries:
    description:
      - How often to try again after a transient fault (connection broken, HTTP 429 or 5xx, service busy), from V(0) to
        V(10). Refused credentials are never tried again, since wrong signatures lock an access key.
      - If not given, E(HW_MAX_RETRIES) is used.
    type: int
    default: 3
requirements:
  - requests (Python library)
notes:
  - The environment variables are read where the task runs.
    That is the target for a module, and the controller for a lookup and for a task that always runs there. In that
    place O(credentials_file), O(shared_config_file) and O(ecs_metadata) are read, too.
  - Proxies are taken from the environment (E(HTTPS_PROXY), E(NO_PROXY)).
    Credentials come only from places that an option names. Without such an option, no C(.netrc), profile file or
    metadata service is read. No variable stands for O(credentials_file), O(shared_config_file) or O(ecs_metadata).
  - A variable with which Terraform would use another project or other credentials, and which this collection does not
    support, is an error.
  - Every read is recorded in Cloud Trace Service (CTS) by the cloud.
"""

    # Where plugins find the options beside their keywords; a variable wins over the environment
    PLUGIN = r"""
options:
  access_key:
    env:
      - name: HW_ACCESS_KEY
      - name: HUAWEICLOUD_SDK_AK
    vars:
      - name: huaweicloud_vpn_access_key
  secret_key:
    env:
      - name: HW_SECRET_KEY
      - name: HUAWEICLOUD_SDK_SK
    vars:
      - name: huaweicloud_vpn_secret_key
  security_token:
    env:
      - name: HW_SECURITY_TOKEN
      - name: HUAWEICLOUD_SDK_SECURITY_TOKEN
    vars:
      - name: huaweicloud_vpn_security_token
  auth_token:
    env:
      - name: HW_AUTH_TOKEN
    vars:
      - name: huaweicloud_vpn_auth_token
  credentials_file:
    vars:
      - name: huaweicloud_vpn_credentials_file
  shared_config_file:
    vars:
      - name: huaweicloud_vpn_shared_config_file
  profile:
    vars:
      - name: huaweicloud_vpn_profile
  ecs_metadata:
    vars:
      - name: huaweicloud_vpn_ecs_metadata
  region:
    env:
      - name: HW_REGION_NAME
    vars:
      - name: huaweicloud_vpn_region
  project_id:
    env:
      - name: HW_PROJECT_ID
      - name: HUAWEICLOUD_SDK_PROJECT_ID
    vars:
      - name: huaweicloud_vpn_project_id
  project_name:
    vars:
      - name: huaweicloud_vpn_project_name
  assume_role:
    vars:
      - name: huaweicloud_vpn_assume_role
  cloud:
    env:
      - name: HW_CLOUD
    vars:
      - name: huaweicloud_vpn_cloud
  endpoint:
    env:
      - name: HUAWEICLOUD_VPN_ENDPOINT
    vars:
      - name: huaweicloud_vpn_endpoint
  iam_endpoint:
    env:
      - name: HW_AUTH_URL
      - name: HUAWEICLOUD_SDK_IAM_ENDPOINT
    vars:
      - name: huaweicloud_vpn_iam_endpoint
  validate_certs:
    vars:
      - name: huaweicloud_vpn_validate_certs
  ca_path:
    vars:
      - name: huaweicloud_vpn_ca_path
  timeout:
    vars:
      - name: huaweicloud_vpn_timeout
  retries:
    env:
      - name: HW_MAX_RETRIES
    vars:
      - name: huaweicloud_vpn_retries
"""
