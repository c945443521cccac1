// Every word that a reader sees or hears, in French.

import type { Words } from "./en.ts";
import { timeIn } from "./time.ts";

const n = (count: number) => count.toLocaleString("fr");

export const words: Words = {
  title: "Interroger le livre",
  launch: "Demander",
  close: "Fermer",
  renew: "Nouvelle conversation",
  hint: "Écrivez une question, ou sélectionnez un passage de la page et posez une question à son sujet.",
  starters: "Par exemple",
  question: "Votre question",
  placeholder: "Votre question…",
  ask: "Demander",
  stop: "Arrêter",
  again: "Redemander",
  againIn: (seconds) => `Redemander dans ${timeIn("fr", seconds)}`,
  withdraw: "Annuler",
  disclaimer: "Les réponses peuvent être fausses. Vérifiez les sources.",
  left: (count) => `Caractères restants : ${n(count)}`,
  over: (count) => `Caractères en trop : ${n(count)}`,
  askAbout: "Poser une question sur ce passage",
  selections: "Texte sélectionné",
  remove: (shown) => `Retirer « ${shown} »`,
  taken: "Le texte sélectionné a été ajouté à votre question.",
  cut: (count) =>
    `Le texte sélectionné était trop long. Seuls les ${n(count)} premiers caractères ont été ajoutés.`,
  full: (count) => `Une question ne peut avoir que ${n(count)} sélections. Retirez-en une d’abord.`,
  actions: [
    ["Expliquer", "Expliquez-moi cela."],
    ["Exemple", "Donnez-moi un exemple de cela."],
    ["M’interroger", "Interrogez-moi."],
    ["Où encore ?", "Où le livre en parle-t-il encore ?"],
  ],
  asking: "En attente de la réponse…",
  waiting: "Pas encore envoyée.",
  ahead: (count) =>
    count
      ? `En attente : questions avant la vôtre : ${n(count)}.`
      : "En attente : votre question est la prochaine.",
  thinking: "Le modèle réfléchit…",
  endings: {
    completed: "La réponse est complète.",
    cancelled: "Arrêtée.",
    truncated: "La réponse était trop longue et s’arrête ici.",
    filtered: "Le fournisseur du modèle a retenu cette réponse.",
    empty: "Le modèle n’a pas répondu. Redemandez, ou avec d’autres mots.",
  },
  forgotten: "Le serveur a redémarré. La réponse recommence.",
  answeredBy: (shown) => `Réponse de ${shown}.`,
  sources: "Sections citées",
  also: (count) => `Autres sections trouvées : ${n(count)}`,
  found: (count) => `Sections trouvées : ${n(count)}`,
  source: (index, title) => `Source ${index} : ${title}`,
  go: "Montrer dans le livre",
  unfound: "Absent du livre",
  unfoundCount: (count) => `Absentes du livre, soulignées en pointillé : phrases : ${n(count)}.`,
  copy: "Copier",
  copied: "Copié",
  table: "Tableau",
  copyAll: "Copier avec les sources",
  passages: "Passages cités",
  noPassages: "Aucune réponse n’a encore cité le livre.",
  save: "Enregistrer la conversation (Markdown)",
  link: {
    idle: "",
    open: "",
    connecting: "Connexion…",
    lost: "La connexion est perdue. Nouvelle tentative…",
    offline: "Vous êtes hors ligne. Le tuteur continuera dès que vous serez en ligne.",
    busy: "Le tuteur est occupé. Nouvelle tentative…",
    unreachable: "Le tuteur est injoignable. Nouvelle tentative…",
    proxy:
      "Le serveur répond, mais le proxy devant lui ne laisse pas passer les websockets. La console de cette page en dit plus.",
  },
  origin: (shown) =>
    `L’adresse de cette page (${shown}) n’a pas le droit d’utiliser le tuteur. La personne qui le gère peut l’ajouter à SCHOLIAST_ALLOWED_ORIGINS.`,
  now: "Essayer maintenant",
};
