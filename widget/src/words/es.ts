// Every word that a reader sees or hears, in Spanish.

import type { Words } from "./en.ts";
import { timeIn } from "./time.ts";

const n = (count: number) => count.toLocaleString("es");

export const words: Words = {
  title: "Preguntar al libro",
  launch: "Preguntar",
  close: "Cerrar",
  renew: "Nueva conversación",
  hint: "Escribe una pregunta, o selecciona un texto de la página y pregunta sobre él.",
  starters: "Por ejemplo",
  question: "Tu pregunta",
  placeholder: "Tu pregunta…",
  ask: "Preguntar",
  stop: "Parar",
  again: "Preguntar otra vez",
  againIn: (seconds) => `Preguntar otra vez en ${timeIn("es", seconds)}`,
  withdraw: "Cancelar",
  disclaimer: "Las respuestas pueden ser erróneas. Comprueba las fuentes.",
  left: (count) => `Caracteres restantes: ${n(count)}`,
  over: (count) => `Caracteres de más: ${n(count)}`,
  askAbout: "Preguntar sobre esto",
  selections: "Texto seleccionado",
  remove: (shown) => `Quitar «${shown}»`,
  taken: "El texto seleccionado se añadió a tu pregunta.",
  cut: (count) =>
    `El texto seleccionado era demasiado largo. Solo se añadieron los primeros ${n(count)} caracteres.`,
  full: (count) => `Una pregunta solo admite ${n(count)} selecciones. Quita una primero.`,
  actions: [
    ["Explicar", "Explícame esto."],
    ["Ejemplo", "Dame un ejemplo de esto."],
    ["Pregúntame", "Hazme una pregunta."],
    ["¿Dónde más?", "¿En qué otras partes habla de esto el libro?"],
  ],
  asking: "Esperando la respuesta…",
  waiting: "Aún no enviada.",
  ahead: (count) =>
    count
      ? `En espera: preguntas antes de la tuya: ${n(count)}.`
      : "En espera: la tuya es la siguiente.",
  thinking: "El modelo está pensando…",
  endings: {
    completed: "La respuesta está completa.",
    cancelled: "Detenida.",
    truncated: "La respuesta era demasiado larga y termina aquí.",
    filtered: "El proveedor del modelo retuvo esta respuesta.",
    empty: "El modelo no respondió. Pregunta otra vez, o con otras palabras.",
  },
  forgotten: "El servidor se reinició. La respuesta empieza de nuevo.",
  answeredBy: (shown) => `Respondido por ${shown}.`,
  sources: "Secciones citadas",
  also: (count) => `Otras secciones encontradas: ${n(count)}`,
  found: (count) => `Secciones encontradas: ${n(count)}`,
  source: (index, title) => `Fuente ${index}: ${title}`,
  go: "Mostrar en el libro",
  unfound: "No está en el libro",
  unfoundCount: (count) => `No están en el libro, subrayadas con puntos: frases: ${n(count)}.`,
  copy: "Copiar",
  copied: "Copiado",
  table: "Tabla",
  copyAll: "Copiar con las fuentes",
  passages: "Pasajes citados",
  noPassages: "Ninguna respuesta ha citado todavía el libro.",
  save: "Guardar la conversación (Markdown)",
  link: {
    idle: "",
    open: "",
    connecting: "Conectando…",
    lost: "Se perdió la conexión. Conectando de nuevo…",
    offline: "No tienes conexión. El tutor seguirá cuando vuelvas a tenerla.",
    busy: "El tutor está ocupado. Intentando de nuevo…",
    unreachable: "No se puede llegar al tutor. Intentando de nuevo…",
    proxy:
      "El servidor responde, pero su proxy no deja pasar websockets. La consola de esta página dice más.",
  },
  origin: (shown) =>
    `La dirección de esta página (${shown}) no puede usar el tutor. Quien lo gestiona puede añadirla a SCHOLIAST_ALLOWED_ORIGINS.`,
  now: "Intentar ahora",
};
