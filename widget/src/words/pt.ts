// Every word that a reader sees or hears, in Portuguese.

import type { Words } from "./en.ts";
import { timeIn } from "./time.ts";

const n = (count: number) => count.toLocaleString("pt");

export const words: Words = {
  title: "Perguntar ao livro",
  launch: "Perguntar",
  close: "Fechar",
  renew: "Nova conversa",
  hint: "Escreva uma pergunta, ou selecione um texto da página e pergunte sobre ele.",
  starters: "Por exemplo",
  question: "Sua pergunta",
  placeholder: "Sua pergunta…",
  ask: "Perguntar",
  stop: "Parar",
  again: "Perguntar de novo",
  againIn: (seconds) => `Perguntar de novo em ${timeIn("pt", seconds)}`,
  withdraw: "Cancelar",
  disclaimer: "As respostas podem estar erradas. Confira as fontes.",
  left: (count) => `Caracteres restantes: ${n(count)}`,
  over: (count) => `Caracteres a mais: ${n(count)}`,
  askAbout: "Perguntar sobre isto",
  selections: "Texto selecionado",
  remove: (shown) => `Remover “${shown}”`,
  taken: "O texto selecionado foi acrescentado à sua pergunta.",
  cut: (count) =>
    `O texto selecionado era longo demais. Só os primeiros ${n(count)} caracteres foram acrescentados.`,
  full: (count) => `Uma pergunta só pode ter ${n(count)} seleções. Remova uma primeiro.`,
  actions: [
    ["Explicar", "Explique-me isto."],
    ["Exemplo", "Dê-me um exemplo disto."],
    ["Testar-me", "Faça-me uma pergunta."],
    ["Onde mais?", "Onde mais o livro fala disto?"],
  ],
  asking: "Esperando a resposta…",
  waiting: "Ainda não enviada.",
  ahead: (count) =>
    count ? `Em espera: perguntas antes da sua: ${n(count)}.` : "Em espera: a sua é a próxima.",
  thinking: "O modelo está pensando…",
  endings: {
    completed: "A resposta está completa.",
    cancelled: "Parada.",
    truncated: "A resposta era longa demais e termina aqui.",
    filtered: "O provedor do modelo reteve esta resposta.",
    empty: "O modelo não respondeu. Pergunte de novo, ou com outras palavras.",
  },
  forgotten: "O servidor foi reiniciado. A resposta começa de novo.",
  answeredBy: (shown) => `Respondido por ${shown}.`,
  sources: "Seções citadas",
  also: (count) => `Outras seções encontradas: ${n(count)}`,
  found: (count) => `Seções encontradas: ${n(count)}`,
  source: (index, title) => `Fonte ${index}: ${title}`,
  go: "Mostrar no livro",
  unfound: "Não está no livro",
  unfoundCount: (count) => `Não estão no livro, sublinhadas com pontos: frases: ${n(count)}.`,
  copy: "Copiar",
  copied: "Copiado",
  table: "Tabela",
  copyAll: "Copiar com as fontes",
  passages: "Passagens citadas",
  noPassages: "Nenhuma resposta citou ainda o livro.",
  save: "Salvar a conversa (Markdown)",
  link: {
    idle: "",
    open: "",
    connecting: "Conectando…",
    lost: "A conexão caiu. Conectando de novo…",
    offline: "Você está sem conexão. O tutor continua quando ela voltar.",
    busy: "O tutor está ocupado. Tentando de novo…",
    unreachable: "Não é possível alcançar o tutor. Tentando de novo…",
    proxy:
      "O servidor responde, mas o proxy diante dele não deixa passar websockets. O console desta página diz mais.",
  },
  origin: (shown) =>
    `O endereço desta página (${shown}) não pode usar o tutor. Quem o mantém pode acrescentá-lo a SCHOLIAST_ALLOWED_ORIGINS.`,
  now: "Tentar agora",
};
