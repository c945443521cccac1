export default {
  title: "Pumps and Pipes",
  // cleanUrls: true,
  markdown: { math: false },
  srcExclude: ["**/drafts/**", "parts/*.md"],
  rewrites: {
    "packages/:name/src/:rest*": ":name/:rest*",
    "guide/first.md": "guide/start.md",
  },
};
