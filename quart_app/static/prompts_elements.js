// Elements and words of the page for prompts.

export const at = (id) => document.getElementById(id);

/** An element with properties, and what is in it. Texts become text nodes. */
export const make = (name, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(name), properties);
  element.append(...children);
  return element;
};

export const count = (number, one, many = `${one}s`) =>
  `${number.toLocaleString("en")} ${number === 1 ? one : many}`;

/** A row of a table: its heading, and numbers. */
export const rowOf = (name, values) =>
  make(
    "tr",
    {},
    make("th", { scope: "row" }, name),
    ...values.map((value) => make("td", { className: "number" }, value)),
  );
