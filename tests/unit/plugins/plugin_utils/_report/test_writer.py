# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every format: the same words, right counts, and nothing that obeys a hostile text."""

from __future__ import annotations

import json
import re
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
import yaml
from ansible_collections.huaweicloud.vpn.plugins.module_utils._errors import VpnError
from ansible_collections.huaweicloud.vpn.plugins.plugin_utils._report.writer import TITLE, WRITERS, write_report
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

FORMATS = [*WRITERS]
PEOPLE = [name for name in FORMATS if name != "json"]
CHECK_MODE = "check mode: the change was not made"
# What a pipeline would obey: the first at the beginning of a line, the others anywhere.
COMMAND = re.compile(r"^\s*::|##[a-zA-Z]*\[", re.MULTILINE)
CODE = re.compile(r"(?<!`)(`+)(?!`)(.*?)(?<!`)\1(?!`)")


def parse(text):
    return ElementTree.fromstring(text)  # noqa: S314 - what we wrote ourselves


def cases(text):
    return parse(text).findall("testsuite/testcase")


def bad(case):
    return next((part.tag for part in case if part.tag != "system-out"), None)


class Reader(HTMLParser):
    """Collects what an HTML report has: tags, attributes and the text that people see."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.text, self._style = [], set(), [], False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes |= {name for name, _value in attrs}
        self._style = tag == "style"

    def handle_data(self, data):
        self.text += [] if self._style else [data]


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"style": None}, "format: give one of junit, markdown, html, text, json, not a value of type NoneType"),
        ({"style": "xml"}, "format: .* not 'xml'"),
        ({"style": ["html"]}, "format: .*list"),
        ({"title": ""}, "title: give a text"),
        ({"title": 7}, "title: "),
        ({"run_id": []}, "run_id: "),
        ({"run_id": True}, "run_id: "),
        ({"check_mode": "false"}, "check_mode: give true or false, not 'false'"),
        ({"check_mode": 0}, "check_mode: "),
    ],
)
def test_options_that_are_wrong_are_named(samples, options, named):
    with pytest.raises(VpnError, match=named):
        write_report(samples.whole(samples.passed()), **{"style": "text", **options})


@pytest.mark.parametrize("style", FORMATS)
def test_every_report_names_its_run_and_title(samples, style):
    judged = samples.whole(samples.passed())
    assert "Change 4711" in write_report(judged, style, title="Change 4711")
    assert "gh-17-2" in write_report(judged, style, run_id="gh-17-2")
    assert "4242" in write_report(judged, style, run_id=4242)
    assert write_report(judged, style, run_id="") == write_report(judged, style)
    assert TITLE in write_report(judged, style)


@pytest.mark.parametrize("style", FORMATS)
def test_the_same_verdict_gives_the_same_report(samples, style):
    for name in ("fail", "hostile"):
        judged = samples.SAMPLES[name]()
        assert write_report(judged, style) == write_report(json.loads(json.dumps(judged, sort_keys=True)), style)


@pytest.mark.parametrize("style", PEOPLE)
def test_every_report_says_that_the_change_was_not_made(samples, style):
    judged = samples.whole(samples.passed())
    assert CHECK_MODE in write_report(judged, style, check_mode=True)
    assert CHECK_MODE not in write_report(judged, style)


@pytest.mark.parametrize("name", ["pass", "not_tried", "fail", "inconclusive", "error", "ha_lost", "storm", "empty"])
@pytest.mark.parametrize("style", PEOPLE)
def test_all_say_the_words_of_the_verdict(samples, style, name):
    judged = samples.SAMPLES[name]()
    text = write_report(judged, style)
    if style == "html":
        text = "".join(Reader(text).text)
    elif style == "junit":
        text = "".join(parse(text).itertext())
    elif style == "markdown":
        text = re.sub(r"`|\*\*(?=:)|(?<=- . )\*\*", "", text)
    bad = {row["message"] for row in judged["vpn_connections"] if row["verdict"] != "pass"}
    for line in judged["message"].split("\n"):
        # A page says each finding by itself, where it belongs, and the name above.
        words = re.sub(".*: PASS(, NOT TRIED YET:)? ", "", line) if style == "html" else line
        assert words in text or (style == "html" and line in bad)
    for tunnel in judged["vpn_connections"]:
        assert all(caveat in text for caveat in tunnel["caveats"])
        assert style == "junit" or all(finding["message"] in text for finding in tunnel["findings"])


@pytest.mark.parametrize("name", ["fail", "inconclusive", "error", "ha_lost", "storm"])
def test_a_page_says_no_sentence_twice(samples, name):
    judged = samples.SAMPLES[name]()
    text = "".join(Reader(write_report(judged, "html")).text)
    for tunnel in judged["vpn_connections"]:
        assert [text.count(finding["message"]) for finding in tunnel["findings"]] == [1] * len(tunnel["findings"])
    assert text.count(samples.ADVICE) == (name in ("fail", "ha_lost")) + 5 * (name == "storm")


@pytest.mark.parametrize("name", ["fail", "inconclusive", "error", "ha_lost", "storm"])
def test_a_page_has_no_tick_where_a_tunnel_did_not_pass(samples, name):
    """A check that found nothing, or that nothing was counted, must not read as if the tunnel were up."""
    text = write_report(samples.SAMPLES[name](), "html")
    cards = re.findall(r'<article class="card (\w+)">(.*?)</article>', text)
    assert {verdict for verdict, _card in cards} > {"pass"}
    for verdict, card in cards:
        assert ('class="mark pass"' in card) == (verdict == "pass")
        assert (": held" in card) == (verdict == "pass")
        assert "went down" not in card or re.search(r"went down, by the log</dt><dd>[1-9]", card)


@pytest.mark.parametrize("style", PEOPLE)
def test_no_report_speaks_of_a_baseline_that_was_not_there(samples, style):
    broken = samples.broken()
    broken["failures"]["resolved"] = []
    broken["failures"]["new"].append({**broken["failures"]["new"][0], "reason": None})  # which its message does not say
    judged = samples.whole(broken, compared=False)
    text = write_report(judged, style)
    text = "".join(Reader(text).text) if style == "html" else text
    assert "baseline" not in text.lower()
    assert not re.search(r"\bnew\b", text)
    assert style == "junit" or re.search(r"\bnew\b", write_report({**judged, "compared": True}, style))


@pytest.mark.parametrize("style", PEOPLE)
def test_every_report_has_the_unrecognised_lines_ready_to_be_pasted(samples, style):
    sentences = ['Tunnel state changed. (State=[Standby], "x")', "::error::x", "it's \u202e #", "plain"]
    text = write_report(samples.whole(samples.unsure(), **samples.unrecognised(*sentences, "- 17 -")), style)
    if style == "html":
        text = "\n".join(Reader(text).text)
    elif style == "junit":
        text = "".join(parse(text).itertext())
    block = re.search(r"^( *)known_lines:\n(?:\1  .*\n?)+", text, re.MULTILINE)
    taught = yaml.safe_load(block[0])["known_lines"]
    assert [row["sentence"] for row in taught] == sentences
    assert {row["means"] for row in taught} == {"failure"}
    assert "PASS" not in write_report(samples.whole(samples.unsure()), style)


@pytest.mark.parametrize("style", FORMATS)
def test_every_report_says_that_a_pass_was_not_tried(samples, style):
    text = write_report(samples.whole(samples.passed(), samples.untried()), style)
    assert text.count("PASS, NOT TRIED YET") >= 1
    assert "NOT TRIED" not in write_report(samples.whole(samples.passed()), style)


def test_text_begins_with_the_message(samples):
    for name in ("fail", "many", "empty"):
        judged = samples.SAMPLES[name]()
        assert write_report(judged, "text").startswith(judged["message"] + "\n")
    assert write_report(samples.whole(samples.passed()), "text", check_mode=True).startswith(f"*** {CHECK_MODE} ***\n")


def test_text_says_failures_against_the_baseline(samples):
    text = write_report(samples.whole(samples.broken()), "text")
    assert (
        '  failure, new: 14x "authentication fail" (authentication, phase 1) 2026-11-23T10:02:11Z to 10:07:36Z, '
        in text
    )
    assert '  failure, resolved: 1x "no policy match" (' in text
    assert "  inconclusive (status ACTIVE): status is DOWN, not ACTIVE\n" in text


def test_json_keeps_every_value(samples):
    judged = samples.hostile()
    text = write_report(judged, "json", run_id="r", check_mode=True)
    assert text.isascii()
    assert json.loads(text) == {**judged, "run": {"id": "r", "title": TITLE, "check_mode": True}}


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("pass", {}),
        ("fail", {"verdict": "failure", "no failed negotiation": "failure", "status ACTIVE": "error"}),
        ("inconclusive", {"verdict": "error", "watched long enough": "error", "no unrecognised lines": "error"}),
        ("error", {"verdict": "error", "log readable": "error"}),
        ("ha_lost", {"no failed negotiation": "skipped", "status ACTIVE": "skipped"}),
        ("empty", {"verdict": "error"}),
    ],
)
def test_junit_has_a_case_for_each_tunnel_and_check(samples, name, wanted):
    judged = samples.SAMPLES[name]()
    found = cases(write_report(judged, "junit"))
    assert {case.get("name"): bad(case) for case in found if bad(case)} == wanted
    made = sum(len(tunnel["checks"]) for tunnel in judged["vpn_connections"])
    assert len(found) == made + 1 + len(judged["ha_groups"])
    assert [case.get("name") for case in found].count("verdict") == 1
    for case in found:
        tolerated = [part.get("message") for part in case.findall("skipped")]
        assert all(message.startswith("tolerated: ") for message in tolerated)


@pytest.mark.parametrize("name", ["fail", "inconclusive", "error", "ha_lost", "storm"])
def test_junit_says_in_the_body_what_was_found(samples, name):
    """GitLab shows the body, and ignores the message."""
    judged = samples.SAMPLES[name]()
    found = {
        (f"{TITLE}: {row['name']}", finding["check"]): finding["message"]
        for row in judged["vpn_connections"]
        for finding in row["findings"]
    }
    bodies = {
        (case.get("classname"), case.get("name")): part.text
        for case in cases(write_report(judged, "junit"))
        for part in case
        if part.tag != "system-out"
    }
    whole = {key: text for key, text in bodies.items() if key[1] == "verdict"}
    assert {key: text.removeprefix("tolerated: ") for key, text in bodies.items() if key not in whole} == found
    assert list(whole.values()) == ([] if judged["verdict"] == "pass" else [judged["message"]])


def test_junit_of_fifty_hosts_has_no_case_twice(samples):
    """Each host has a report of its own, and GitLab shows one of cases that are called alike."""
    reports = [write_report(samples.whole(samples.passed(turn, f"branch-{turn}")), "junit") for turn in range(50)]
    names = [(case.get("classname"), case.get("name")) for text in reports for case in cases(text)]
    assert len(names) == len({*names}) == 50 * (1 + len(samples.CHECKS))


@pytest.mark.parametrize("name", ["pass", "fail", "ha_lost", "storm", "hostile", "empty", "many"])
def test_junit_counts_what_is_there(samples, name):
    text = write_report(samples.SAMPLES[name](), "junit")
    root = parse(text)
    tags = [bad(case) for case in cases(text)]
    for element in (root, root.find("testsuite")):
        assert element.get("tests") == str(len(tags))
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert element.get(count) == str(tags.count(tag))


def test_junit_is_never_green_when_the_change_was_not_made_or_a_group_is_lost(samples):
    (whole, *_others) = cases(write_report(samples.whole(samples.passed()), "junit", check_mode=True))
    assert (whole.get("name"), bad(whole)) == ("verdict", "error")
    assert CHECK_MODE in whole.find("error").get("message")
    assert CHECK_MODE in whole.findtext("error")
    lost = samples.group("service_lost", "fail", 0, 1, "HA group x: SERVICE LOST")
    judged = samples.whole(samples.broken(1), samples.broken(2), groups=[lost])
    (case,) = (case for case in cases(write_report(judged, "junit")) if case.get("name") == "redundancy")
    assert case.find("failure").get("message") == "HA group x: SERVICE LOST"
    assert case.findtext("failure") == "HA group x: SERVICE LOST\nservice_lost: 0 passed, 1 needed"


def test_junit_tells_the_run_the_window_and_the_policy(samples):
    root = parse(write_report(samples.whole(samples.passed()), "junit", run_id="r1"))
    values = {part.get("name"): part.get("value") for part in root.iter("property")}
    assert (values["run_id"], values["window.until"]) == ("r1", "2026-11-23T10:15:00.000000Z")
    assert values["policy"].startswith("quiet for 10 min; required: status_active;")
    assert root.find("testsuite").get("timestamp") == "2026-11-23T10:15:00"
    judged = samples.whole(samples.passed())
    judged["window"] = dict.fromkeys(judged["window"])
    assert parse(write_report(judged, "junit")).find("testsuite").get("timestamp") is None


def test_a_finding_of_a_check_that_nobody_named_is_not_lost(samples):
    tunnel = samples.tunnel(1, "x", [("a new check", "inconclusive", "who knows")])
    for style in PEOPLE:
        assert "who knows" in write_report(samples.whole(tunnel), style)
    found = {case.get("name"): bad(case) for case in cases(write_report(samples.whole(tunnel), "junit"))}
    assert found["a new check"] == "error"


def test_a_waived_failure_is_told_where_it_passed(samples):
    tunnel = samples.tunnel(1, "x", [("no failed negotiation", "pass", "waived by CHG-1")])
    text = write_report(samples.whole(tunnel), "junit")
    (case,) = (case for case in cases(text) if case.get("name") == "no failed negotiation")
    assert (bad(case), case.findtext("system-out")) == (None, "waived by CHG-1")


def test_two_tunnels_of_one_name_are_told_apart(samples):
    judged = samples.whole(samples.passed(1, "hq"), samples.broken(2, "hq"))
    names = {case.get("classname") for case in cases(write_report(judged, "junit"))}
    assert len(names) == 3
    assert f"{TITLE}: hq ({samples.key(1)})" in names
    assert f"{TITLE}: hq ({samples.key(2)})" in names


def test_markdown_is_cut_by_whole_tunnels_the_worst_first(samples):
    text = write_report(samples.many(700, 3), "markdown")
    assert len(text) <= 60_000
    rows = re.findall("^- [\u2705\u274c] .*", text, re.MULTILINE)
    assert [row[2] for row in rows[:4]] == ["\u274c", "\u274c", "\u274c", "\u2705"]
    assert "<summary>" + str(len(rows) - 3) + " tunnels passed</summary>" in text
    assert f"**{700 - len(rows)} more tunnels are not shown**" in text
    assert len(rows) > 100
    all_bad = write_report(samples.whole(*(samples.broken(number) for number in range(200))), "markdown")
    assert 30_000 < len(all_bad) <= 60_000
    assert all_bad.count("** new: ") == all_bad.count("\n- \u274c") > 100


def test_html_stays_small(samples):
    assert len(write_report(samples.many(500, 3), "html").encode()) < 1_000_000
    storms = [{**samples.storm(), "id": samples.key(number), "name": f"t{number}"} for number in range(250)]
    text = write_report(samples.whole(*storms), "html")
    assert len(text.encode()) < 3_000_000
    assert "more, in short</h2>" in text
    assert "are left out to keep this page small" in text
    assert all(f">t{number}<" in text for number in range(250))


def test_html_shows_the_newest_200_lines(samples):
    logs = [samples.failed(number, raw=f"line {number}.") for number in range(250)]
    text = write_report(samples.whole(samples.tunnel(1, "x", [("c", "fail", "m")], logs=logs)), "html")
    shown = [int(number) for number in re.findall(r"<code>line (\d+)\.", text)]
    assert shown == [*range(249, 49, -1)]
    assert "50 older line(s) are not shown" in text


def test_html_asks_for_nothing(samples):
    text = write_report(samples.hostile(), "html")
    reader = Reader(text)
    assert not {"script", "img", "link", "iframe", "a", "form", "object", "base"} & {*reader.tags}
    assert not {"src", "href", "style", "action", "onload", "onerror", "xlink:href"} & reader.attributes
    assert "default-src 'none'; style-src 'unsafe-inline'" in unescape(text)
    style = text.partition("<style>")[2].partition("</style>")[0]
    assert not re.search(r"url\(|@import|@font-face|https?:", style)


def check_lines(text):
    """No control character, nothing to obey."""
    assert all(char.isprintable() for char in text.replace("\n", ""))
    assert not COMMAND.search(text)
    text.encode("utf-8")


MARK = "(?:[\u2705\u274c\u2753\u26d4\u26a0]\ufe0f? )"
OURS = re.compile(
    rf"(?:## {MARK}|### [A-Z]|> |\*\*(?=[0-9A-Zn])|- {MARK}?(?:\*\*)?|(?:run|window|policy): |</?details>$|$)"
)
FOLD = re.compile("<summary>[A-Za-z0-9 ]+</summary>")


def check_markdown(text):
    """Outside the code spans is only what we write, and what means nothing to a renderer."""
    for line in text.split("\n"):
        if line.startswith("    ") or FOLD.fullmatch(line):
            continue  # a block of code: each line of it is ours up to its text, and has no other line
        begin = OURS.match(line)
        assert begin, line
        rest = CODE.sub("C", line[begin.end() :]).replace("**", "", 2)
        assert not set(rest) & set("`@<>[]\\{}~=$|#*_!&%^"), line
        assert not re.search(r"://|www\.|\b[A-Z]+-\d|\bgh-\d|:(?!\d\d:)[\w+-]+:", rest, re.ASCII), line
        assert not re.match(r"([-+]+|\d+[.)])( |$)", rest), line


def check_all(judged, **options):
    """Every format holds for this verdict."""
    check_lines(write_report(judged, "text", **options))
    check_lines(junit := write_report(judged, "junit", **options))
    assert len(cases(junit)) >= 1
    check_lines(markdown := write_report(judged, "markdown", **options))
    check_markdown(markdown)
    assert len(markdown) <= 60_000
    check_lines(html := write_report(judged, "html", **options))
    json.loads(write_report(judged, "json", **options))
    return html


def test_hostile_texts_stay_texts(samples):
    plain = [f"word {number}" for number in range(len(samples.HOSTILE))]
    one_line = [text for text in samples.HOSTILE if "\n" not in text and text]
    check_all(samples.hostile(), title="\n::error::<b>|\x00", run_id="##[x]|\n@all")
    found = Reader(check_all(samples.hostile(one_line)))
    assert found.tags == Reader(check_all(samples.hostile(plain[: len(one_line)]))).tags
    seen = "".join(found.text)
    for text in (
        "<script>document.title='owned'</script>",
        "\\x1b[31mred",
        "\\u202etxt.exe",
        "<![CDATA[ & &amp; &#0;",
        "{{ lookup('pipe', 'id') }}",
    ):
        assert text in seen


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.text(st.characters(codec=None) | st.sampled_from("`|\\<>&:#@[]\n\r\t\x00"), max_size=30), max_size=3)
)
@example([":"])
def test_any_text_stays_text(samples, texts):
    html = check_all(samples.hostile(texts), title="".join(texts) or "t" if "".join(texts).strip() else "t")
    assert Reader(html).tags.count("script") == 0


def test_without_tunnels_nothing_is_green(samples):
    judged = samples.whole()
    for style in ("text", "markdown", "html", "junit"):
        text = write_report(judged, style)
        assert "no tunnel was checked" in text
        assert "INCONCLUSIVE" in text
