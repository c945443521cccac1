// Every word that a reader sees or hears, in Hindi.

import type { Words } from "./en.ts";
import { timeIn } from "./time.ts";

const n = (count: number) => count.toLocaleString("hi");

export const words: Words = {
  title: "किताब से पूछें",
  launch: "पूछें",
  close: "बंद करें",
  renew: "नई बातचीत",
  hint: "सवाल लिखें, या पेज पर कोई पाठ चुनकर उसके बारे में पूछें।",
  starters: "उदाहरण",
  question: "आपका सवाल",
  placeholder: "आपका सवाल…",
  ask: "पूछें",
  stop: "रोकें",
  again: "फिर से पूछें",
  againIn: (seconds) => `${timeIn("hi", seconds)} बाद फिर से पूछें`,
  withdraw: "रद्द करें",
  disclaimer: "जवाब गलत हो सकते हैं। कृपया स्रोत देखें।",
  left: (count) => `बचे अक्षर: ${n(count)}`,
  over: (count) => `ज़्यादा अक्षर: ${n(count)}`,
  askAbout: "इसके बारे में पूछें",
  selections: "चुना हुआ पाठ",
  remove: (shown) => `“${shown}” हटाएँ`,
  taken: "चुना हुआ पाठ आपके सवाल में जोड़ दिया गया।",
  cut: (count) => `चुना हुआ पाठ बहुत लंबा था। केवल पहले ${n(count)} अक्षर जोड़े गए।`,
  full: (count) => `एक सवाल में केवल ${n(count)} चुने हुए पाठ हो सकते हैं। पहले एक हटाएँ।`,
  asking: "जवाब का इंतज़ार है…",
  waiting: "अभी भेजा नहीं गया।",
  ahead: (count) => (count ? `इंतज़ार: आपसे पहले सवाल: ${n(count)}` : "इंतज़ार: अगला सवाल आपका है।"),
  thinking: "मॉडल सोच रहा है…",
  endings: {
    completed: "जवाब पूरा हुआ।",
    cancelled: "रोक दिया गया।",
    truncated: "जवाब बहुत लंबा था और यहाँ काट दिया गया।",
    filtered: "मॉडल के प्रदाता ने यह जवाब रोक लिया।",
    empty: "मॉडल ने जवाब नहीं दिया। फिर से या दूसरे शब्दों में पूछें।",
  },
  forgotten: "सर्वर फिर से शुरू हुआ। जवाब फिर से शुरू होता है।",
  answeredBy: (shown) => `जवाब: ${shown}`,
  sources: "उद्धृत खंड",
  also: (count) => `मिले अन्य खंड: ${n(count)}`,
  found: (count) => `मिले खंड: ${n(count)}`,
  source: (index, title) => `स्रोत ${index}: ${title}`,
  go: "किताब में दिखाएँ",
  unfound: "किताब में नहीं मिला",
  unfoundCount: (count) => `किताब में न मिले वाक्य (बिंदीदार रेखा): ${n(count)}`,
  copy: "कॉपी करें",
  copied: "कॉपी हो गया",
  table: "तालिका",
  link: {
    idle: "",
    open: "",
    connecting: "जुड़ रहा है…",
    lost: "संपर्क टूट गया। फिर से जुड़ रहा है…",
    offline: "आप ऑफ़लाइन हैं। ऑनलाइन होने पर ट्यूटर आगे बढ़ेगा।",
    busy: "ट्यूटर व्यस्त है। फिर से कोशिश हो रही है…",
    unreachable: "ट्यूटर तक नहीं पहुँचा जा सका। फिर से कोशिश हो रही है…",
    proxy:
      "सर्वर जवाब देता है, पर उसके आगे का प्रॉक्सी websocket नहीं जाने देता। अधिक जानकारी इस पेज के कंसोल में है।",
  },
  origin: (shown) =>
    `इस पेज के पते (${shown}) को ट्यूटर की अनुमति नहीं है। चलाने वाला इसे SCHOLIAST_ALLOWED_ORIGINS में जोड़ सकता है।`,
  now: "अभी कोशिश करें",
};
