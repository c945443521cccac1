// The look of an answer's text; the colours and fonts are the host's.

export const proseCss = `
.prose { font-family: var(--serif); color: var(--ink); overflow-wrap: anywhere; }
.prose > :first-child { margin-top: 0; }
.prose > :last-child { margin-bottom: 0; }
.prose :is(p, ul, ol, blockquote, figure, h4, h5, h6), .prose > .table { margin: 0 0 .7em; font-size: 1em; }
.prose :is(h4, h5, h6) { margin-top: 1.1em; font-weight: 600; line-height: 1.3; }
.prose h4 { font-size: 1.1em; }
.prose h6 { color: var(--faded); }
.prose :is(ul, ol) { padding-inline-start: 1.5em; list-style: disc; }
.prose ol { list-style: decimal; }
.prose li { margin-bottom: .25em; }
.prose li::marker { color: var(--faded); }
.prose li :is(ul, ol) { margin: .25em 0 0; }
.prose li > input { margin: 0 .4em 0 0; vertical-align: -.1em; }
.prose blockquote { border-inline-start: 2px solid var(--line); padding-inline-start: .8em; color: var(--faded); }
.prose .keep { white-space: nowrap; }
.prose hr { border: 0; border-top: 1px solid var(--line); margin: 1em 0; }
.prose code { font: .88em/1.45 var(--mono); background: var(--code); border-radius: .25em; padding: .1em .3em; }
.prose .code { position: relative; background: var(--code); border-radius: .45em; }
.prose pre { margin: 0; padding: .7em .85em; overflow-x: auto; scrollbar-width: thin; white-space: pre; tab-size: 4; overflow-wrap: normal; }
.prose pre code { padding: 0; background: none; }
.prose .copy { position: absolute; inset: .35em .35em auto auto; padding: .1em .5em; font: .78em/1.6 var(--sans, system-ui); color: var(--faded); background: var(--paper); border: 1px solid var(--line); opacity: 0; }
.prose .code:is(:hover, :focus-within) .copy { opacity: 1; }
@media (hover: none) { .prose .copy { opacity: 1; } }
.prose .table { margin: 0 0 .7em; overflow-x: auto; scrollbar-width: thin; }
.prose table { border-collapse: collapse; font-size: .93em; line-height: 1.4; overflow-wrap: normal; }
.prose :is(th, td) { padding: .3em .7em .3em 0; text-align: start; vertical-align: top; border-bottom: 1px solid var(--line); min-width: 3em; }
.prose th { font-weight: 600; border-color: var(--faded); }
.prose .math { display: inline-flex; max-width: 100%; padding: .4em .05em; margin: -.4em 0; overflow: auto hidden; scrollbar-width: thin; }
.prose .block { display: flex; margin: 0; }
.prose .block > * { margin: auto; }
.prose .tex { white-space: pre-wrap; overflow-wrap: anywhere; }
.prose math { font-family: "Cambria Math", "STIX Two Math", "Latin Modern Math", "Noto Sans Math", "DejaVu Math TeX Gyre", math; overflow-wrap: normal; }
`;
