// Marks, in the contents of the page, the heading that is being read, and lets the keyboard reach
// what scrolls sideways. Reading needs none of this.

const links = new Map();
for (const link of document.querySelectorAll(".sidebar ol ol a, .toc a")) {
  const id = decodeURIComponent(link.hash.slice(1));
  links.set(id, [...(links.get(id) ?? []), link]);
}
const headings = [...document.querySelectorAll("article :is(h2, h3, h4, h5, h6)[id]")].filter(
  ({ id }) => links.has(id),
);

let marked = [];
const mark = () => {
  const passed = headings.filter((heading) => heading.getBoundingClientRect().top < 120);
  const now = links.get(passed.at(-1)?.id) ?? [];
  if (now === marked) return;
  for (const link of marked) link.removeAttribute("aria-current");
  for (const link of now) link.setAttribute("aria-current", "location");
  marked = now;
};

let isDue = false;
const later = () => {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    mark();
  });
};

const reach = () => {
  for (const box of document.querySelectorAll("article :is(pre, .table, .math)"))
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
};

addEventListener("scroll", later, { passive: true });
addEventListener("resize", () => {
  later();
  reach();
});
mark();
reach();

// In a long sidebar, begin at the chapter that is read.
const sidebar = document.getElementById("sidebar");
const present = sidebar?.querySelector('[aria-current="page"]');
if (present && present.offsetTop + present.offsetHeight > sidebar.clientHeight)
  sidebar.scrollTop = present.offsetTop - sidebar.clientHeight / 3;
