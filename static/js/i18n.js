/** The page's words in English and Chinese. */

const WORDS = {
  en: {
    language: "中文",
    simulated: "simulated calls", unclear: "Which digits are the number in “{line}”?",
    live: "live", "catching up": "catching up", offline: "offline since {time}", refused: "The hub has ended this connection ({reason}). Reload the page to try again.",
    signIn: "Sign in", key: "Key", signInWhy: "Enter the key that you were given. A link that somebody sent you signs you in by itself.",
    signOut: "Sign out", signedOut: "You have signed out.", signingIn: "Signing in…", expiring: "You will be signed out at {time}.",
    keyUnknown: "There is no such key here, or it has been withdrawn.", triedTooOften: "Too many attempts have failed. Try again in {seconds} s.",
    keyExpired: "Your sign-in has expired. Sign in again.", keyRefused: "The hub no longer accepts your sign-in. Sign in again.",
    keyRevoked: "Your sign-in has been withdrawn. If your key no longer works, ask whoever runs the hub for another one.",
    linkExpired: "Your link has expired. Ask whoever sent it for a new one.", linkRefused: "Your link no longer works. Ask whoever sent it for a new one.",
    linkRevoked: "Your link has been withdrawn. Ask whoever sent it for a new one.",
    linkUsed: "This sign-in link no longer works: each signs in once, within a day. Ask whoever runs the hub for a new one.",
    linkUnasked: "The hub did not answer, so this link has not signed you in. Open it again.", linkBroken: "This link is not complete. Copy all of it, or ask for a new one.",
    r_admin: "admin", r_app: "app", r_owner: "owner", r_moderator: "moderator", r_listener: "listener",
    watching: "Watching", isYou: " (you)", more: "and {count} more",
    create: "New conference", name: "Name", you: "You", app: "App", createDo: "Create",
    open: "Open a conference", number: "Conference number", openDo: "Open",
    yours: "Your conferences", none: "None yet.",
    back: "All conferences", end: "End conference", endSure: "End “{name}” and hang up on {count}?",
    conferenceNumber: "Number", vid: "VoIP number", started: "Started", starts: "Starts",
    hasPwd: "Has a password, which callers are not asked for", when: "Start (empty: now)", waits: "Reserved: those invited are called at {time}.",
    startFails: "It cannot start yet and is tried again: {cause}",
    ended: "This conference has ended.", frozen: "Not live: what you see may be out of date. Controls wait for the hub.", frozenToListener: "Not live: what you see may be out of date.",
    invite: "Invite", invitePlaceholder: "13800000001 Ada\n13800000002 Bob", inviteLabel: "One number and name a line", inviteDo: "Call",
    who: "Name", phone: "Phone", progress: "State", microphone: "Microphone", since: "Since", actions: "Actions",
    mute: "Mute", unmute: "Unmute", kick: "Remove", emptyRoster: "Nobody on the roster yet. Invite somebody above.", emptyToListener: "Nobody on the roster yet.",
    unidentified: "unknown caller", inside: "{count} inside", of: "of {count}",
    muted: "muted", open_mic: "on",
    waiting: "waits for the start", p_added: "on the roster", p_queued: "queued", p_dialing: "dialing", p_joined: "joined", p_left: "left", p_kicked: "removed",
    p_busy: "busy", p_no_answer: "no answer", p_rejected: "rejected", p_failed: "failed", p_cancelled: "cancelled", p_unknown: "outcome unknown",
    pending_mute: "muting…", pending_unmute: "unmuting…", pending_kick: "removing…", pending_invite: "asking…", pending_cancel: "taking back…", overdue: "not confirmed",
    uncertain: "Uncertain: {shown} people are shown inside, the platform counts {counted}. Somebody is shown wrongly.",
    s_scheduled: "scheduled", s_active: "active", s_ended: "ended",
    e_offline: "Not connected to the hub.", e_refused: "The hub has ended this connection. Reload the page to try again.",
    e_connection_lost: "The connection broke before the answer: it may or may not have happened. Look before you try again.",
    e_unauthenticated: "You are not signed in, or no longer.", e_not_allowed: "This is not for you to do.",
    e_too_many: "That was too much at once. Try again in a moment.",
    e_unknown_conference: "There is no such conference.", e_unknown_target: "This call is no longer in the conference.",
    e_conference_ended: "The conference has ended.", e_provider_unreachable: "The telephone platform cannot be reached. Try again.",
    e_provider_refused: "The telephone platform refused: {message}", e_outcome_unknown: "It is not known what the telephone platform made of it: it may or may not have happened.",
    e_time_in_past: "This time has passed.", e_invalid_number: "there is no digit in it.", e_storage_unavailable: "The hub cannot store anything right now. Try again.",
    e_other: "That did not work: {message}",
  },
  zh: {
    language: "English",
    simulated: "模拟呼叫", unclear: "“{line}”中哪些是号码？",
    live: "实时", "catching up": "正在同步", offline: "{time} 起离线", refused: "服务已终止此连接（{reason}）。重新加载页面可再试。",
    signIn: "登录", key: "密钥", signInWhy: "请输入您的密钥。如果收到的是链接，打开即可自动登录。",
    signOut: "退出登录", signedOut: "您已退出登录。", signingIn: "正在登录…", expiring: "您将于 {time} 退出登录。",
    keyUnknown: "没有这个密钥，或密钥已被撤销。", triedTooOften: "失败次数过多，请在 {seconds} 秒后重试。",
    keyExpired: "登录已过期，请重新登录。", keyRefused: "服务不再接受您的登录，请重新登录。",
    keyRevoked: "您的登录已被撤销。如密钥已失效，请向服务管理员索取新的密钥。",
    linkExpired: "链接已过期，请向发送者索取新链接。", linkRefused: "链接已失效，请向发送者索取新链接。",
    linkRevoked: "链接已被撤销，请向发送者索取新链接。",
    linkUsed: "此登录链接已失效：每个链接一天内有效，且只能使用一次。请向服务管理员索取新链接。",
    linkUnasked: "服务没有答复，尚未登录，请重新打开链接。", linkBroken: "链接不完整，请完整复制，或索取新链接。",
    r_admin: "管理员", r_app: "应用", r_owner: "所有者", r_moderator: "主持人", r_listener: "旁听者",
    watching: "正在查看", isYou: "（您）", more: "等共 {total} 人",
    create: "新建会议", name: "名称", you: "我的编号", app: "应用编号", createDo: "创建",
    open: "打开会议", number: "会议编号", openDo: "打开",
    yours: "我的会议", none: "暂无会议。",
    back: "全部会议", end: "结束会议", endSure: "结束“{name}”并挂断 {count} 人？",
    conferenceNumber: "会议编号", vid: "VoIP 会议编号", started: "开始时间", starts: "预约时间",
    hasPwd: "已设密码（来电者不会被要求输入）", when: "开始时间（留空则立即开始）", waits: "预约会议：受邀者将于 {time} 接到呼叫。",
    startFails: "暂时无法开始，正在重试：{cause}",
    ended: "会议已结束。", frozen: "当前非实时：所见内容可能已过期，恢复连接前不能操作。", frozenToListener: "当前非实时：所见内容可能已过期。",
    invite: "邀请", invitePlaceholder: "13800000001 张三\n13800000002 李四", inviteLabel: "每行一个号码和姓名", inviteDo: "呼叫",
    who: "姓名", phone: "号码", progress: "状态", microphone: "麦克风", since: "时间", actions: "操作",
    mute: "静音", unmute: "取消静音", kick: "移出", emptyRoster: "名单为空，请在上方邀请。", emptyToListener: "名单为空。",
    unidentified: "未知来电", inside: "{count} 人在会", of: "共 {count} 人",
    muted: "已静音", open_mic: "开启",
    waiting: "等待会议开始", p_added: "在名单中", p_queued: "排队中", p_dialing: "呼叫中", p_joined: "已加入", p_left: "已离开", p_kicked: "已移出",
    p_busy: "占线", p_no_answer: "无人接听", p_rejected: "拒接", p_failed: "呼叫失败", p_cancelled: "已取消", p_unknown: "结果未知",
    pending_mute: "正在静音…", pending_unmute: "正在取消静音…", pending_kick: "正在移出…", pending_invite: "正在请求…", pending_cancel: "正在撤回…", overdue: "未确认",
    uncertain: "名单存疑：显示 {shown} 人在会，平台统计 {counted} 人，有人的状态显示有误。",
    s_scheduled: "已预约", s_active: "进行中", s_ended: "已结束",
    e_offline: "未连接到服务。", e_refused: "服务已终止此连接，重新加载页面可再试。",
    e_connection_lost: "连接在收到答复前中断：操作可能已生效，也可能没有，请先查看再重试。",
    e_unauthenticated: "您尚未登录，或登录已失效。", e_not_allowed: "您无权进行此操作。",
    e_too_many: "操作过于频繁，请稍后再试。",
    e_unknown_conference: "没有这个会议。", e_unknown_target: "该通话已不在会议中。",
    e_conference_ended: "会议已结束。", e_provider_unreachable: "无法连接电话平台，请重试。",
    e_provider_refused: "电话平台拒绝：{message}", e_outcome_unknown: "电话平台没有答复：操作可能已生效，也可能没有。",
    e_time_in_past: "该时间已过。", e_invalid_number: "其中没有数字。", e_storage_unavailable: "服务暂时无法存储，请重试。",
    e_other: "操作失败：{message}",
  },
};

const KEPT_AS = "confhub.language";

let language = localStorage.getItem(KEPT_AS) ?? (navigator.language.startsWith("zh") ? "zh" : "en");
document.documentElement.lang = language;

/** The text of a key, with {values} filled in. */
export function t(key, values = {}) {
  const text = WORDS[language][key] ?? key;
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

export function switchLanguage() {
  language = language === "en" ? "zh" : "en";
  localStorage.setItem(KEPT_AS, language);
  document.documentElement.lang = language;
}

/** A day and a time of day in the user's own way. */
export function day(at) {
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
}

/** A time of day in the user's own way, to the minute. */
export function minute(at) {
  return new Intl.DateTimeFormat(language, { timeStyle: "short" }).format(new Date(at));
}

/** And to the second. */
export function clock(at) {
  return new Intl.DateTimeFormat(language, { timeStyle: "medium" }).format(new Date(at));
}

/** An error in a moderator's words. */
export function say(error) {
  const key = `e_${error.name}`;
  return t(key in WORDS[language] ? key : "e_other", { message: error.message });
}
