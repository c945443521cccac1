// The styles of the tutor as one constructable style sheet.

import prose from "./prose.css";
import tutor from "./styles.css";

let made: CSSStyleSheet | undefined;

/** The style sheet, which all tutors of a page share. */
export function sheet(): CSSStyleSheet {
  if (!made) {
    made = new CSSStyleSheet();
    made.replaceSync(tutor + prose);
  }
  return made;
}
