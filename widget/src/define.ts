// Registers the element. Separate from the class, so that a page can choose another name.

import { ScholiastTutor } from "./element.ts";

export function define(name = "scholiast-tutor"): void {
  if (!customElements.get(name))
    CustomElementRegistry.prototype.define.call(customElements, name, ScholiastTutor);
}
