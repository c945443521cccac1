// Every word that a reader sees or hears, in German.

import type { Words } from "./en.ts";
import { timeIn } from "./time.ts";

const n = (count: number) => count.toLocaleString("de");

export const words: Words = {
  title: "Das Buch fragen",
  launch: "Fragen",
  close: "Schließen",
  renew: "Neues Gespräch",
  hint: "Geben Sie eine Frage ein, oder markieren Sie Text auf der Seite und fragen Sie danach.",
  starters: "Zum Beispiel",
  question: "Ihre Frage",
  placeholder: "Ihre Frage…",
  ask: "Fragen",
  stop: "Anhalten",
  again: "Noch einmal fragen",
  againIn: (seconds) => `Noch einmal fragen in ${timeIn("de", seconds)}`,
  withdraw: "Abbrechen",
  disclaimer: "Antworten können falsch sein. Bitte prüfen Sie die Quellen.",
  left: (count) => `Noch ${n(count)} Zeichen`,
  over: (count) => `${n(count)} Zeichen zu viel`,
  askAbout: "Danach fragen",
  selections: "Markierter Text",
  remove: (shown) => `„${shown}“ entfernen`,
  taken: "Der markierte Text gehört jetzt zu Ihrer Frage.",
  cut: (count) =>
    `Der markierte Text war zu lang. Nur die ersten ${n(count)} Zeichen wurden übernommen.`,
  full: (count) =>
    `Zu einer Frage passen nur ${n(count)} markierte Stellen. Entfernen Sie zuerst eine.`,
  actions: [
    ["Erklären", "Erkläre mir das."],
    ["Beispiel", "Gib mir ein Beispiel dafür."],
    ["Abfragen", "Frag mich ab."],
    ["Wo noch?", "Wo schreibt das Buch noch darüber?"],
  ],
  asking: "Warten auf die Antwort…",
  waiting: "Noch nicht gesendet.",
  ahead: (count) =>
    count
      ? `Sie warten: Fragen vor Ihrer: ${n(count)}.`
      : "Sie warten: Ihre Frage ist die nächste.",
  thinking: "Das Modell denkt nach…",
  endings: {
    completed: "Die Antwort ist vollständig.",
    cancelled: "Angehalten.",
    truncated: "Die Antwort war zu lang und endet hier.",
    filtered: "Der Anbieter des Modells hat diese Antwort zurückgehalten.",
    empty: "Das Modell hat nicht geantwortet. Fragen Sie noch einmal oder mit anderen Worten.",
  },
  forgotten: "Der Server wurde neu gestartet. Die Antwort beginnt von vorn.",
  answeredBy: (shown) => `Beantwortet von ${shown}.`,
  sources: "Zitierte Abschnitte",
  also: (count) => `Weitere gefundene Abschnitte: ${n(count)}`,
  found: (count) => `Gefundene Abschnitte: ${n(count)}`,
  source: (index, title) => `Quelle ${index}: ${title}`,
  go: "Im Buch zeigen",
  unfound: "Steht nicht im Buch",
  unfoundCount: (count) => `Nicht im Buch gefunden, gepunktet unterstrichen: Sätze: ${n(count)}.`,
  copy: "Kopieren",
  copied: "Kopiert",
  table: "Tabelle",
  copyAll: "Mit Quellen kopieren",
  passages: "Zitierte Stellen",
  noPassages: "Noch keine Antwort hat das Buch zitiert.",
  save: "Unterhaltung speichern (Markdown)",
  link: {
    idle: "",
    open: "",
    connecting: "Verbindung wird aufgebaut…",
    lost: "Die Verbindung ist abgebrochen. Neuer Versuch…",
    offline: "Sie sind offline. Es geht weiter, sobald Sie wieder online sind.",
    busy: "Der Tutor ist ausgelastet. Neuer Versuch…",
    unreachable: "Der Tutor ist nicht erreichbar. Neuer Versuch…",
    proxy:
      "Der Server antwortet, aber der Proxy davor lässt keine Websockets durch. Mehr steht in der Konsole dieser Seite.",
  },
  origin: (shown) =>
    `Die Adresse dieser Seite (${shown}) darf den Tutor nicht verwenden. Wer ihn betreibt, kann sie in SCHOLIAST_ALLOWED_ORIGINS eintragen.`,
  now: "Jetzt versuchen",
};
