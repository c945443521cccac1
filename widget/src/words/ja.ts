// Every word that a reader sees or hears, in Japanese.

import type { Words } from "./en.ts";
import { timeIn } from "./time.ts";

const n = (count: number) => count.toLocaleString("ja");

export const words: Words = {
  title: "この本に質問",
  launch: "質問",
  close: "閉じる",
  renew: "新しい会話",
  hint: "質問を入力するか、ページの文章を選んで質問してください。",
  starters: "例",
  question: "質問",
  placeholder: "質問…",
  ask: "質問する",
  stop: "停止",
  again: "もう一度質問",
  againIn: (seconds) => `${timeIn("ja", seconds)}後にもう一度`,
  withdraw: "取り消す",
  disclaimer: "回答は間違うことがあります。出典を確認してください。",
  left: (count) => `あと ${n(count)} 文字`,
  over: (count) => `${n(count)} 文字超えています`,
  askAbout: "ここについて質問",
  selections: "選択した文章",
  remove: (shown) => `「${shown}」を外す`,
  taken: "選択した文章を質問に加えました。",
  cut: (count) => `選択した文章が長すぎます。最初の ${n(count)} 文字だけを加えました。`,
  full: (count) => `一つの質問に加えられるのは ${n(count)} か所までです。先に一つ外してください。`,
  asking: "回答を待っています…",
  waiting: "まだ送信していません。",
  ahead: (count) => (count ? `待機中:前の質問の数 ${n(count)}` : "待機中:次があなたの質問です。"),
  thinking: "モデルが考えています…",
  endings: {
    completed: "回答が終わりました。",
    cancelled: "停止しました。",
    truncated: "回答が長すぎるため、ここで終わりです。",
    filtered: "モデルの提供者がこの回答を止めました。",
    empty: "モデルが回答しませんでした。もう一度、または別の言葉で質問してください。",
  },
  forgotten: "サーバーが再起動しました。回答は最初からになります。",
  answeredBy: (shown) => `回答:${shown}`,
  sources: "引用した節",
  also: (count) => `ほかに見つかった節:${n(count)}`,
  found: (count) => `見つかった節:${n(count)}`,
  source: (index, title) => `出典 ${index}:${title}`,
  go: "本の中で見る",
  unfound: "本にありません",
  unfoundCount: (count) => `本にない文(点線):${n(count)}`,
  copy: "コピー",
  copied: "コピーしました",
  table: "表",
  link: {
    idle: "",
    open: "",
    connecting: "接続しています…",
    lost: "接続が切れました。再接続しています…",
    offline: "オフラインです。オンラインに戻ると続けます。",
    busy: "混み合っています。もう一度試しています…",
    unreachable: "チューターに接続できません。もう一度試しています…",
    proxy:
      "サーバーは応答しますが、前にあるプロキシが websocket を通しません。詳しくはこのページのコンソールにあります。",
  },
  origin: (shown) =>
    `このページのアドレス(${shown})ではチューターを使えません。管理者が SCHOLIAST_ALLOWED_ORIGINS に加えられます。`,
  now: "今すぐ試す",
};
