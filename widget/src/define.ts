// Gives the element its name, apart from its class.

import { ScholiastTutor } from "./element.ts";

export function define(name = "scholiast-tutor"): void {
  if (!customElements.get(name)) customElements.define(name, ScholiastTutor);
}
