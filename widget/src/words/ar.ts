// Every word that a reader sees or hears, in Arabic.

import type { Words } from "./en.ts";
import { timeIn } from "./time.ts";

const n = (count: number) => count.toLocaleString("ar");

export const words: Words = {
  title: "اسأل الكتاب",
  launch: "اسأل",
  close: "إغلاق",
  renew: "محادثة جديدة",
  hint: "اكتب سؤالاً، أو حدد نصاً في الصفحة واسأل عنه.",
  starters: "على سبيل المثال",
  question: "سؤالك",
  placeholder: "سؤالك…",
  ask: "اسأل",
  stop: "إيقاف",
  again: "اسأل مرة أخرى",
  againIn: (seconds) => `اسأل مرة أخرى بعد ${timeIn("ar", seconds)}`,
  withdraw: "إلغاء",
  disclaimer: "قد تكون الإجابات خاطئة. يرجى التحقق من المصادر.",
  left: (count) => `الأحرف المتبقية: ${n(count)}`,
  over: (count) => `أحرف زائدة: ${n(count)}`,
  askAbout: "اسأل عن هذا",
  selections: "النص المحدد",
  remove: (shown) => `إزالة «${shown}»`,
  taken: "أضيف النص المحدد إلى سؤالك.",
  cut: (count) => `النص المحدد طويل جداً. أضيفت الأحرف الأولى فقط: ${n(count)}.`,
  full: (count) => `أقصى عدد للتحديدات في السؤال: ${n(count)}. أزل واحداً أولاً.`,
  asking: "في انتظار الإجابة…",
  waiting: "لم يُرسل بعد.",
  ahead: (count) =>
    count ? `في الانتظار: الأسئلة قبل سؤالك: ${n(count)}.` : "في الانتظار: سؤالك هو التالي.",
  thinking: "النموذج يفكر…",
  endings: {
    completed: "اكتملت الإجابة.",
    cancelled: "توقفت.",
    truncated: "كانت الإجابة طويلة جداً وانقطعت هنا.",
    filtered: "حجب مزود النموذج هذه الإجابة.",
    empty: "لم يجب النموذج. اسأل مرة أخرى أو بكلمات أخرى.",
  },
  forgotten: "أعيد تشغيل الخادم. تبدأ الإجابة من جديد.",
  answeredBy: (shown) => `أجاب ${shown}.`,
  sources: "الأقسام المقتبسة",
  also: (count) => `أقسام أخرى: ${n(count)}`,
  found: (count) => `الأقسام التي عُثر عليها: ${n(count)}`,
  source: (index, title) => `المصدر ${index}: ${title}`,
  go: "اعرض في الكتاب",
  unfound: "غير موجود في الكتاب",
  unfoundCount: (count) => `جمل غير موجودة في الكتاب (تحتها خط منقط): ${n(count)}`,
  copy: "نسخ",
  copied: "تم النسخ",
  table: "جدول",
  link: {
    idle: "",
    open: "",
    connecting: "جارٍ الاتصال…",
    lost: "انقطع الاتصال. تجري إعادة الاتصال…",
    offline: "أنت غير متصل. سيتابع المعلم عند عودة الاتصال.",
    busy: "المعلم مشغول. تجري المحاولة من جديد…",
    unreachable: "لا يمكن الوصول إلى المعلم. تجري المحاولة من جديد…",
    proxy: "الخادم يجيب، لكن الوكيل أمامه لا يمرر websocket. المزيد في وحدة تحكم هذه الصفحة.",
  },
  origin: (shown) =>
    `عنوان هذه الصفحة (${shown}) غير مسموح له باستخدام المعلم. يمكن لمن يديره إضافته إلى SCHOLIAST_ALLOWED_ORIGINS.`,
  now: "حاول الآن",
};
