// Copyright (c) 2026 huaweicloud.vpn contributors
// GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
// SPDX-License-Identifier: GPL-3.0-or-later

// Changes VPN tunnels, proves that they still negotiate, and is red in every other case. Put this file into the folder vars
// of a shared library; the page "In a pipeline" has a stage that calls it. The agent needs ansible-core, requests and the
// collection, and the plugins "Pipeline: Basic Steps" and "JUnit".
//
// change      file with the tasks that make the change; it is needed
// rollback    file with the tasks that undo it; without it, nothing is undone
// name        names of the tunnels, separated by commas; without any, all tunnels of the project
// extra       more variables, as ansible-playbook takes them behind -e (name=value, JSON, or @ and a file)
// expect      tunnels that must have been verified, exactly these, or how many; by default those of name
// negotiated  true: each tunnel must have negotiated since the change
// reports     folder for the reports, by default reports

def call(Map given) {
    Map options = [change: '', rollback: '', name: '', extra: '', expect: '', negotiated: false, reports: 'reports']
    // A misspelt rollback would be none.
    List unknown = given.keySet().findAll { !options.containsKey(it) }.toList()
    if (unknown || !given.change) {
        error("verifiedChange: ${unknown ? 'there is no option ' + unknown.join(', ') : 'change is missing'}")
    }
    options.putAll(given)
    // Options reach the commands as variables of the environment, so that none becomes a part of a command.
    List environment = [
        "VPN_CHANGE=${options.change}",
        "VPN_ROLLBACK=${options.rollback}",
        "VPN_NAME=${options.name}",
        "VPN_EXTRA=${options.extra}",
        "VPN_EXPECT=${options.expect}",
        "VPN_NEGOTIATED=${options.negotiated}",
        "VPN_FOLDER=${options.reports}",
    ]
    try {
        withEnv(environment) {
            sh '''
                # A build may call this twice, and a report of the first time proves nothing for the second.
                run="$BUILD_TAG-$(date +%s)"
                reports="$WORKSPACE/$VPN_FOLDER"
                expect="${VPN_EXPECT:-$VPN_NAME}"
                failed=""
                ansible-playbook huaweicloud.vpn.validate_change -e "$VPN_EXTRA" \
                    -e "change='$VPN_CHANGE'" -e "rollback='$VPN_ROLLBACK'" -e "tunnel_baseline_name='$VPN_NAME'" \
                    -e "tunnel_verify_report_dir='$reports'" -e "tunnel_verify_run_id='$run'" || failed=1
                # The gate also runs when the playbook has failed, so that the log ends with its line.
                ask="report_dir='$reports' run_id='$run' negotiated='$VPN_NEGOTIATED'"
                if [ -n "$expect" ]; then ask="$ask expect='$expect'"; fi
                ansible localhost -m huaweicloud.vpn.vpn_report_assert -a "$ask"
                test -z "$failed"
            '''
        }
    } finally {
        // Where there are none, the gate has failed already, and says so.
        junit testResults: "${options.reports}/tunnel_verify*.xml", allowEmptyResults: true
        archiveArtifacts artifacts: "${options.reports}/*", allowEmptyArchive: true
    }
}
