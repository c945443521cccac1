// Every word that a reader sees or hears, in Chinese.

import type { Words } from "./en.ts";
import { timeIn } from "./time.ts";

const n = (count: number) => count.toLocaleString("zh");

export const words: Words = {
  title: "问这本书",
  launch: "提问",
  close: "关闭",
  renew: "新对话",
  hint: "输入问题,或选中页面上的文字后提问。",
  starters: "例如",
  question: "您的问题",
  placeholder: "您的问题…",
  ask: "提问",
  stop: "停止",
  again: "再问一次",
  againIn: (seconds) => `${timeIn("zh", seconds)}后再问`,
  withdraw: "取消",
  disclaimer: "回答可能有误,请核对来源。",
  left: (count) => `还可输入 ${n(count)} 个字符`,
  over: (count) => `超出 ${n(count)} 个字符`,
  askAbout: "就此提问",
  selections: "选中的文字",
  remove: (shown) => `移除“${shown}”`,
  taken: "选中的文字已加入您的问题。",
  cut: (count) => `选中的文字太长,只加入了前 ${n(count)} 个字符。`,
  full: (count) => `一个问题最多包含 ${n(count)} 段选文,请先移除一段。`,
  asking: "正在等待回答…",
  waiting: "尚未发送。",
  ahead: (count) =>
    count ? `排队中:前面还有 ${n(count)} 个问题。` : "排队中:下一个就是您的问题。",
  thinking: "模型正在思考…",
  endings: {
    completed: "回答已完成。",
    cancelled: "已停止。",
    truncated: "回答太长,到此截断。",
    filtered: "模型的提供方拦下了这个回答。",
    empty: "模型没有回答。请再问一次或换个说法。",
  },
  forgotten: "服务器已重启,回答重新开始。",
  answeredBy: (shown) => `由 ${shown} 回答。`,
  sources: "引用的章节",
  also: (count) => `找到的其他章节:${n(count)}`,
  found: (count) => `找到的章节:${n(count)}`,
  source: (index, title) => `来源 ${index}:${title}`,
  go: "在书中查看",
  unfound: "书中没有",
  unfoundCount: (count) => `书中没有的句子(点线标出):${n(count)}`,
  copy: "复制",
  copied: "已复制",
  table: "表格",
  link: {
    idle: "",
    open: "",
    connecting: "正在连接…",
    lost: "连接已断开,正在重新连接…",
    offline: "您已离线。恢复连接后将继续。",
    busy: "导师正忙,正在重试…",
    unreachable: "无法连接导师,正在重试…",
    proxy: "服务器有响应,但它前面的代理不转发 websocket。详情见此页面的控制台。",
  },
  origin: (shown) =>
    `此页面的地址(${shown})不允许使用导师。管理员可将其加入 SCHOLIAST_ALLOWED_ORIGINS。`,
  now: "立即重试",
};
