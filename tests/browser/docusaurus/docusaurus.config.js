// The site of the book in the folder BOOK, with the tutor at the address TUTOR.

import rehypeKatex from "rehype-katex";
import remarkMath from "remark-math";

const { BOOK, TUTOR } = process.env;

export default {
  title: "Humanoid Robots",
  url: "https://book.example",
  baseUrl: "/docs/",
  favicon: "data:,", // no request for one
  onBrokenAnchors: "throw",
  scripts: [{ src: `${TUTOR}/widget.js`, async: true }],
  plugins: [
    [
      "@docusaurus/plugin-content-docs",
      {
        path: BOOK,
        routeBasePath: "/",
        remarkPlugins: [remarkMath],
        rehypePlugins: [rehypeKatex],
      },
    ],
  ],
  themes: [["@docusaurus/theme-classic", { customCss: "./custom.css" }]],
  themeConfig: { navbar: { title: "Humanoid Robots" } },
};
