// The look of the tutor, as one constructable style sheet. Pages set the --scholiast-… properties.

import { proseCss } from "./prose_css.ts";

const css = `
:host { all: initial; font-size: medium; }
:host([hidden]) { display: none; }
.tutor {
  --ink: var(--scholiast-ink, #1d2427);
  --paper: var(--scholiast-paper, #fefefd);
  --margin: var(--scholiast-margin, #eff3f1);
  --accent: var(--scholiast-accent, #0a6658);
  --on-accent: var(--scholiast-on-accent, #fff);
  --faded: var(--scholiast-faded, #566064);
  --line: var(--scholiast-line, #d5dcda);
  --code: #eef1f0;
  --warning: #a33b1f;
  --sans: var(--scholiast-font, system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif);
  --serif: var(--scholiast-answer-font, var(--sans));
  --mono: ui-monospace, "Cascadia Mono", "SF Mono", Menlo, Consolas, "Liberation Mono", monospace;
  --layer: var(--scholiast-layer, 2147483000);
  color-scheme: light;
  color: var(--ink);
  font: .9375em/1.5 var(--sans);
  text-align: start;
  height: 100%;
}
.tutor.dark {
  --ink: var(--scholiast-ink, #dbe1df);
  --paper: var(--scholiast-paper, #191e20);
  --margin: var(--scholiast-margin, #22292b);
  --accent: var(--scholiast-accent, #7fcbb9);
  --on-accent: var(--scholiast-on-accent, #10201c);
  --faded: var(--scholiast-faded, #9eaaab);
  --line: var(--scholiast-line, #394345);
  --code: #262e30;
  --warning: #ef9b80;
  color-scheme: dark;
}
*, ::before, ::after { box-sizing: border-box; }
[hidden] { display: none !important; }
h2, h3, p, ul, ol, blockquote { margin: 0; padding: 0; font: inherit; }
ul, ol { list-style: none; }
a { color: var(--accent); text-underline-offset: .18em; text-decoration-thickness: 1px; }
button, textarea { font: inherit; color: inherit; letter-spacing: inherit; }
button { cursor: pointer; border: 1px solid transparent; border-radius: .45em; background: none; padding: .35em .7em; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
svg { width: 1.25em; height: 1.25em; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.launcher, .offer, .panel, .card { position: fixed; z-index: var(--layer); }
.launcher, .offer { display: flex; align-items: center; gap: .5em; font-weight: 600; background: var(--accent); color: var(--on-accent); box-shadow: 0 .2em .9em rgb(0 0 0 / 22%); }
.launcher { inset-block-end: calc(1.1em + env(safe-area-inset-bottom)); inset-inline-end: calc(1.1em + env(safe-area-inset-right)); border-radius: 2em; padding: .7em 1.15em .7em 1em; }
.left .launcher { inset-inline: calc(1.1em + env(safe-area-inset-left)) auto; }
.launcher.writing svg { animation: breathe 1.4s ease-in-out infinite; }
.offer { border-radius: 2em; padding: .4em .95em; white-space: nowrap; }

.panel {
  display: flex; flex-direction: column;
  inset: auto 1.1em 1.1em auto;
  width: min(27em, 100vw - 2.2em);
  height: min(46em, var(--room, 100dvh) - 2.2em);
  background: var(--paper);
  border: 1px solid var(--line);
  border-radius: .8em;
  box-shadow: 0 .5em 2.5em rgb(0 0 0 / 20%);
  overflow: hidden;
}
.left .panel { inset: auto auto 1.1em 1.1em; }
header { display: flex; align-items: center; min-height: 3.5em; gap: .15em; padding: .7em .7em .55em 1.1em; }
h2 { flex: 1; font-weight: 600; font-size: 1.07em; }
.icon { display: flex; padding: .4em; color: var(--faded); }
.icon:hover, .quiet:hover { color: var(--accent); }
.log { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; scrollbar-width: thin; padding: .2em 1.1em .6em; outline-offset: -2px; }
.hint { color: var(--faded); display: flex; flex-direction: column; align-items: start; gap: .55em; }
.starter { border-color: var(--line); color: var(--ink); text-align: start; }
.starter:hover { border-color: var(--accent); color: var(--accent); }

.note { padding-bottom: 1.4em; }
.note + .note { padding-top: 1.1em; border-top: 1px solid var(--line); }
.note > blockquote, .card blockquote { border-inline-start: 2px solid var(--accent); padding-inline-start: .7em; margin-bottom: .45em; color: var(--faded); font-size: .92em; overflow-wrap: anywhere; white-space: pre-line; }
.note > blockquote, .card blockquote { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3; overflow: hidden; }
.card blockquote { -webkit-line-clamp: 7; }
h3 { font-weight: 600; margin-bottom: .25em; white-space: pre-line; overflow-wrap: anywhere; }
.cite { vertical-align: .3em; min-width: 1.5em; margin-inline-start: .15em; padding: .1em .35em; border-radius: .8em; background: color-mix(in srgb, var(--accent) 12%, transparent); color: var(--accent); font: 600 .72em/1.3 var(--sans); }
.cite + .cite { margin-inline-start: .2em; }
.cite:hover { background: var(--accent); color: var(--on-accent); }
h3::after { content: ""; display: block; width: 1.7em; height: 2px; margin-top: .3em; }
.writing h3::after { background: var(--accent); transform-origin: left; animation: write 1.3s ease-in-out infinite; }
.writing :is(.sources, details) { display: none; } /* what stands below a growing text would move */
.sources { margin: .7em 0 .3em; font-size: .92em; line-height: 1.4; }
.sources:empty { display: none; }
.sources li { position: relative; padding-inline-start: 1.6em; margin-bottom: .5em; overflow-wrap: anywhere; }
.sources .number { position: absolute; inset-inline-start: 0; color: var(--faded); font-variant-numeric: tabular-nums; }
ul.sources li { padding-inline-start: 0; }
.place { display: block; color: var(--faded); font-size: .92em; }
details { color: var(--faded); font-size: .92em; }
summary { width: fit-content; cursor: pointer; }
.state, .link { color: var(--faded); font-size: .9em; }
.late { animation: late .4s step-end backwards; }
.state p + p { margin-top: .2em; }
.error { padding: .55em .8em; border-inline-start: 3px solid var(--warning); background: var(--margin); color: var(--ink); }
.again, .quiet { border-color: var(--line); margin-top: .5em; }
.again:disabled { cursor: default; color: var(--faded); }
.link { display: flex; flex-wrap: wrap; align-items: center; gap: .2em .8em; padding: .5em 1.1em; background: var(--margin); }
.link:empty { display: none; }
.link .quiet { margin: 0; padding: .15em .6em; border-color: currentColor; }

form { display: flex; flex-wrap: wrap; gap: .5em; align-items: end; padding: .7em 1.1em; border-top: 1px solid var(--line); }
.chips, .counter { flex-basis: 100%; }
.chips { display: flex; flex-direction: column; gap: .3em; max-height: 9em; overflow-y: auto; }
.chips li { display: flex; align-items: center; background: var(--margin); border-radius: .45em; border-inline-start: 3px solid var(--accent); }
.chips span { flex: 1; min-width: 0; padding: .25em .6em; font-size: .9em; white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.chips .quiet { display: flex; margin: 0; padding: .4em; border: 0; color: var(--faded); }
.chips svg { width: 1em; height: 1em; }
textarea { flex: 1; min-width: 8em; min-height: 2.7em; max-height: min(11em, 28vh); padding: .55em .75em; border: 1px solid var(--faded); border-radius: .45em; background: var(--paper); line-height: 1.4; resize: none; field-sizing: content; }
textarea::placeholder { color: var(--faded); opacity: 1; }
textarea:focus-visible { outline-offset: 0; }
[type=submit], .stop { height: 2.7em; padding: 0 1.05em; font-weight: 600; }
[type=submit] { background: var(--accent); color: var(--on-accent); }
.stop { border-color: var(--faded); }
.counter { color: var(--faded); font-size: .87em; }
.counter:empty { display: none; }
.too-long .counter { color: var(--warning); font-weight: 600; }
.disclaimer { padding: 0 1.1em .8em; color: var(--faded); font-size: .82em; line-height: 1.35; }

.card { max-width: min(22em, 100vw - 16px); padding: .8em 1em; display: flex; flex-direction: column; align-items: start; gap: .3em; background: var(--paper); border: 1px solid var(--line); border-radius: .6em; box-shadow: 0 .4em 1.6em rgb(0 0 0 / 22%); font-size: .92em; line-height: 1.45; }
.card strong { font-weight: 600; }
.card button { padding: .2em 0; color: var(--accent); text-decoration: underline; text-underline-offset: .18em; }

@media (max-width: 40rem) {
  .panel, .left .panel {
    inset: auto 0 var(--keyboard, 0px) 0;
    width: auto;
    height: min(72dvh, var(--room, 100dvh));
    border-width: 1px 0 0;
    border-radius: .9em .9em 0 0;
    padding-bottom: env(safe-area-inset-bottom);
  }
  textarea { font-size: max(16px, 1em); }
  .icon, .chips .quiet { padding: .65em; }
}
@media (max-height: 30rem) { .disclaimer { display: none; } }
@media (min-width: 60rem) {
  .inline { display: flex; height: 100%; }
  .inline .panel { position: static; flex: 1; width: 100%; height: 100%; border: 0; border-radius: 0; box-shadow: none; background: none; }
  .inline .launcher, .inline .close { display: none; }
}
@media (prefers-reduced-motion: no-preference) { .panel { animation: rise .16s ease-out; } .inline .panel { animation: none; } }
@media (prefers-reduced-motion: reduce) { * { animation: none !important; } }
@media (forced-colors: active) { .launcher, .offer, [type=submit], .cite { border-color: ButtonText; } }
@media print { :host { display: none; } }
@keyframes late { from { opacity: 0; } }
@keyframes rise { from { opacity: 0; transform: translateY(.6em); } }
@keyframes write { from { transform: scaleX(0); } 60% { transform: scaleX(1); } to { opacity: 0; } }
@keyframes breathe { 50% { opacity: .35; } }
`;

let made: CSSStyleSheet | undefined;

/** The sheet, which all tutors of a page share. */
export function sheet(): CSSStyleSheet {
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(css + proseCss);
  }
  return made;
}
