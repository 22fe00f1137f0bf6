# Copyright (c) 2026 huaweicloud.vpn contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How the HTML report looks: on a screen, on a phone, in the dark and on paper. No rule asks for anything elsewhere."""

from __future__ import annotations

from .html_builder import Html

_LIGHT = """
--page:#f4f6f8; --card:#fff; --text:#1b1f24; --soft:#57606a; --line:#d5dbe1; --tint:#eef1f4;
--fail:#b42318; --pass:#1a7f37; --inconclusive:#8a5a00; --error:#6639ba; --rekey:#0a5bb5; --down:#b8500b;
--fail-tint:#fdecea; --pass-tint:#e8f5ec; --inconclusive-tint:#fcf3df; --error-tint:#f2ecfb;
--inner:#fff; color-scheme:light;
"""
_DARK = """
--page:#0e1217; --card:#171c23; --text:#e6ebf1; --soft:#9fabb8; --line:#323b46; --tint:#1f262f;
--fail:#ff8078; --pass:#57d06b; --inconclusive:#e5b544; --error:#c39bff; --rekey:#6cb6ff; --down:#ffa257;
--fail-tint:#3a1c1d; --pass-tint:#15301d; --inconclusive-tint:#342912; --error-tint:#2a2140;
--inner:#12161b; color-scheme:dark;
"""
_BASE = """
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--text);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;overflow-wrap:anywhere}
main,header>div,footer{max-width:1120px;margin:0 auto;padding:0 20px}
h1,h2,h3,p,ul,dl,dd,figure{margin:0;padding:0}
ul{list-style:none}
code,.mono{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.soft,.note{color:var(--soft);font-size:14px}
.note{margin-top:6px}
.mark{width:1em;height:1em;flex:none;fill:currentColor}
.inner{fill:none;stroke:var(--inner);stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
"""
_HEADER = """
header{padding:24px 0 20px;color:#fff;--inner:transparent}
header.fail{background:#a11d14}header.pass{background:#176b30}
header.inconclusive{background:#7a4f00}header.error{background:#5a32a3}
header .title{font-size:15px;opacity:.95}
h1{display:flex;align-items:center;gap:14px;font-size:clamp(34px,9vw,60px);line-height:1.15;letter-spacing:.01em;
margin:2px 0 6px}
header.fail .mark{--inner:#a11d14}header.pass .mark{--inner:#176b30}
header.inconclusive .mark{--inner:#7a4f00}header.error .mark{--inner:#5a32a3}
header .counts{font-size:19px;font-weight:600}
header ul{margin-top:12px;display:flex;flex-wrap:wrap;gap:6px}
header li{padding:4px 12px;border-radius:8px;background:#00000038;font-weight:500;min-width:0}
.check{background:#ffd33d;color:#1b1f24;font-weight:700;font-size:18px;border-radius:8px;padding:8px 12px;
margin-bottom:12px;border:2px dashed #1b1f24}
"""
_CARDS = """
main{padding-top:20px;display:grid;gap:20px;grid-template-columns:minmax(0,1fr)}
section>h2{font-size:20px;margin-bottom:10px}
section{min-width:0}
.cards{display:grid;gap:16px;grid-template-columns:minmax(0,1fr)}
.card{background:var(--card);border:1px solid var(--line);border-left:6px solid var(--mine);border-radius:10px;
padding:16px 18px;min-width:0}
.card.fail,.groups .fail{--mine:var(--fail)}.card.pass,.groups .pass{--mine:var(--pass)}
.card.inconclusive,.groups .inconclusive{--mine:var(--inconclusive)}
.card.error,.groups .error{--mine:var(--error)}
.card>*+*{margin-top:14px}
.head{display:flex;flex-wrap:wrap;align-items:center;gap:6px 12px}
.head h3{font-size:20px;line-height:1.3;min-width:0}
.head .mono{color:var(--soft)}
.badge,.chip{display:inline-flex;align-items:center;gap:6px;border-radius:99px;padding:2px 11px;font-size:14px;
font-weight:700;text-transform:uppercase;letter-spacing:.03em}
.chip{text-transform:none;font-weight:500;letter-spacing:0;background:var(--tint)}
.badge.fail{color:var(--fail);background:var(--fail-tint)}.badge.pass{color:var(--pass);background:var(--pass-tint)}
.badge.inconclusive{color:var(--inconclusive);background:var(--inconclusive-tint)}
.badge.error{color:var(--error);background:var(--error-tint)}
.diagnosis{font-size:17px;font-weight:550;line-height:1.45}
h4{margin:0 0 6px;font-size:13px;color:var(--soft);text-transform:uppercase;letter-spacing:.05em}
.two{display:grid;gap:14px 28px;grid-template-columns:repeat(auto-fit,minmax(min(100%,320px),1fr))}
.two>*{min-width:0}
.list>li+li{margin-top:6px}
.checks li{display:flex;gap:8px;align-items:baseline}
.checks .mark{position:relative;top:.12em;font-size:15px}
.checks .pass{color:var(--pass)}.checks .fail{color:var(--fail)}
.checks .inconclusive{color:var(--inconclusive)}.checks .error{color:var(--error)}
.checks div{min-width:0}
.failure{border-left:3px solid var(--line);padding-left:10px}
.failure.new{border-color:var(--fail)}.failure.persisting{border-color:var(--inconclusive)}
.failure.resolved{border-color:var(--pass)}
.failure p{font-size:14px}
.tag{font-size:12px;font-weight:700;text-transform:uppercase;letter-spacing:.04em}
.new .tag{color:var(--fail)}.persisting .tag{color:var(--inconclusive)}.resolved .tag{color:var(--pass)}
.caveats li{padding-left:18px;position:relative;font-size:15px}
.caveats li::before{content:"";position:absolute;left:4px;top:.62em;width:6px;height:6px;border-radius:3px;
background:var(--inconclusive)}
.numbers{display:flex;flex-wrap:wrap;gap:4px 20px;font-size:14px}
.numbers div{display:flex;gap:6px;min-width:0;flex-wrap:wrap}
.numbers dt{color:var(--soft)}
.numbers dd{min-width:0}
details{border-top:1px solid var(--line);padding-top:10px}
summary{cursor:pointer;font-weight:600;padding:4px 0}
.log li{display:grid;grid-template-columns:auto 1fr;gap:0 10px;padding:6px 0;border-top:1px solid var(--tint)}
.teach{overflow-x:auto;padding:12px;border:1px solid var(--line);border-radius:8px;
font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace}
.log code{grid-column:1/-1;color:var(--text);min-width:0}
.log .when{font-size:13px;font-variant-numeric:tabular-nums;color:var(--soft);display:flex;gap:8px;align-items:center}
.log .what{font-size:13px;min-width:0}
"""
_REST = """
.tight{width:100%;border-collapse:collapse;background:var(--card);border:1px solid var(--line);font-size:14px;
table-layout:fixed}
.tight th,.tight td{text-align:left;vertical-align:top;padding:6px 10px;border-top:1px solid var(--line)}
.tight th{font-weight:600}
.tight thead th{background:var(--tint)}
.tight th:first-child{width:26%}.tight th:nth-child(2){width:180px}
.groups li{display:flex;gap:10px;align-items:baseline;flex-wrap:wrap;background:var(--card);
border:1px solid var(--line);border-left:6px solid var(--mine);border-radius:10px;padding:10px 14px}
.groups p{flex:1 1 260px;min-width:0}
footer{display:grid;gap:4px;padding-top:20px;padding-bottom:28px;font-size:13px;color:var(--soft)}
.timeline{display:grid;grid-template-columns:auto minmax(0,1fr);gap:0 14px;padding-right:34px}
.legend{padding-top:34px;font-size:13px;color:var(--soft)}
.legend li{height:24px;display:flex;align-items:center;gap:6px;white-space:nowrap}
.glyph{width:12px;height:12px;flex:none}
.plot svg{display:block;overflow:visible}
.narrow{display:none!important}
.plot text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;fill:var(--soft)}
.plot text.number{font-weight:700;fill:var(--text);
stroke:var(--card);stroke-width:4px;paint-order:stroke}
.plot text.marker{fill:var(--text)}
.before{fill:var(--tint)}.change{fill:var(--inconclusive-tint)}
.lane{stroke:var(--tint)}.axis{stroke:var(--soft)}
.begin,.watch{stroke:var(--text);stroke-width:1.5}.watch{stroke-dasharray:4 3}
.extent{stroke-width:2;opacity:.5}
.t-fail{fill:var(--fail);stroke:var(--fail)}.t-down,.t-expect{fill:var(--down);stroke:var(--down)}
.t-unknown{fill:var(--inconclusive);stroke:var(--inconclusive)}.t-warn{fill:var(--inconclusive);
stroke:var(--inconclusive)}
.t-good{fill:var(--pass);stroke:var(--pass)}.t-rekey{fill:var(--rekey);stroke:var(--rekey)}
.t-other{fill:var(--soft);stroke:var(--soft)}
.t-fail path,.t-down path,.t-unknown path,
.t-warn path,.t-good circle,.t-other circle,.plot .marker,.plot .time{stroke:none}
.t-unknown .inner,.t-good .inner{fill:none;stroke:var(--card);stroke-width:1.6}
.hollow,.ring{fill:none;stroke-width:2}
.plot .old{opacity:.65}
@media (max-width:640px){
main,header>div,footer{padding-left:12px;padding-right:12px}
.card{padding:14px 12px}
.wide{display:none!important}.narrow{display:block!important}
.legend{font-size:12px}.timeline{gap:0 14px}
header .counts{font-size:17px}
.tight thead{display:none}
.tight,.tight tbody{display:block}
.tight tr{display:flex;flex-wrap:wrap;align-items:center;gap:2px 10px;padding:8px 10px;border-top:1px solid var(--line)}
.tight th,.tight td{border:0;padding:0;min-width:0}.tight th:first-child{width:auto}
}
"""
_PRINT = """
@media print{
@page{margin:14mm}
body{font-size:11pt;background:#fff}
header{color:#000;border:3pt solid #000;background:#fff!important;padding:10pt 0;print-color-adjust:exact}
header.fail h1{color:#b42318}header.pass h1{color:#1a7f37}header.inconclusive h1{color:#8a5a00}
header.error h1{color:#6639ba}
header .mark{--inner:#fff!important}
header li{background:none;border:1px solid #000}
.card,.groups li{break-inside:avoid-page}
.card:has(.log){break-inside:auto}
.head,.diagnosis,.timeline,.log li,.tight tr{break-inside:avoid}
.timeline,.badge,.card{print-color-adjust:exact}
details>*{display:block}
details::details-content{display:block;content-visibility:visible;height:auto}
summary{list-style:none}
}
"""
STYLE = Html(
    f":root{{{_LIGHT}}}{_BASE}{_HEADER}{_CARDS}{_REST}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{_DARK}}}}}{_PRINT}".replace("\n", "")
)
