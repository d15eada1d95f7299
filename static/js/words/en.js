/** English. Where a word has a count it has a form for each category of Intl.PluralRules. */

export const en = {
  language: "中文",
  simulated: "simulated calls",
  live: "live", "catching up": "catching up", offline: "offline since {time}",
  refused: "The hub has ended this connection ({reason}). Reload the page to try again.",

  // Signing in
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

  // The lobby
  create: "New conference", name: "Name", you: "You", app: "App", createDo: "Create", when: "Start (empty: now)",
  open: "Open a conference", number: "Conference number", openDo: "Open",
  yours: "Your conferences", none: "None yet. The one that you create appears here.", insideOf: "{inside} of {people} inside", listAsOf: "As of {time}. {why}",
  s_scheduled: "scheduled", s_active: "active", s_ended: "ended",

  // The head of a conference
  watching: "Watching", isYou: " (you)", more: "and {count} more", fewer: "Show fewer", moderatorsInside: "Moderators inside",
  back: "All conferences", conferenceNumber: "Number", vid: "VoIP number", started: "Started", starts: "Starts", lasted: "Lasted", runs: "Running for",
  created: "Created", endedAt: "Ended", zone: "Times in",
  password: "Password", noPassword: "none", hasPwd: "callers are not asked for it", reveal: "Show", conceal: "Hide", change: "Change", setPassword: "Set a password",
  end: "End conference", endSureEmpty: "End “{name}”?", endSure: { one: "End “{name}” and hang up on {count} person?", other: "End “{name}” and hang up on {count} people?" },
  endWhy: "It cannot be begun again.",

  // Banners
  waits: "Reserved: those invited are called at {time}.", startFails: "It cannot start yet and is tried again: {cause}",
  frozen: "Not live: what you see may be out of date. Controls wait for the hub.", frozenToListener: "Not live: what you see may be out of date.",
  uncertain: "Uncertain: the roster shows {shown} inside, the platform counts {counted}. Somebody is shown wrongly.", settleHint: " If you know who, press “?” on their row.",
  mode_all: "Muted conference: everybody is muted when they come in.", mode_all_but_moderators: "Muted conference: everybody but moderators is muted when they come in.",
  ending: "Ending…", why_offline: "Not live: waits for the hub", why_ended: "The conference has ended",

  // The toolbar
  invite: "Invite", callAll: "Call all", everyone: "Everyone", share: "Share a link", clearFilter: "Show everybody",
  search: "Search name or number", searchShort: "Name or number", filters: "Show",
  f_all: "All", f_in: "Inside", f_muted: "Muted", f_calling: "Calling", f_failed: "Not reached", f_left: "Left", f_unidentified: "Unknown callers",
  muteAll: "Mute everybody", muteAllBut: "Mute all but moderators", muteAllButMe: "Mute all but me", unmuteAll: "Unmute everybody",
  modeAll: "Keep muted: also who comes in", modeAllBut: "Keep muted, but not moderators", modeNone: "Let who comes in speak",
  redialAll: "Call again who was not reached", kickAllBut: "Remove all but moderators", kickAll: "Remove everybody", remind: "Send a reminder by SMS",
  g_microphones: "Microphones", g_newcomers: "Who comes in", g_calls: "Calls", g_removal: "Removing",
  selected: { one: "{count} selected", other: "{count} selected" }, notShown: ", {count} of them not shown", clear: "Clear", selectAll: "Select all that are shown", select: "Select {name}", selection: "Selection",
  ofSelected: "{act} {count}",

  // Confirmation
  cancelDo: "Cancel", closeDo: "Close", notNow: "Go back",
  muteAllSure: { one: "Mute {count} person?", other: "Mute {count} people?" }, muteAllButSure: { one: "Mute {count} person who is no moderator?", other: "Mute {count} people who are no moderators?" },
  muteAllButMeSure: { one: "Mute {count} other person?", other: "Mute {count} other people?" },
  unmuteAllSure: { one: "Unmute {count} person?", other: "Unmute {count} people?" },
  modeAllSure: { one: "Mute {count} person, and whoever comes in?", other: "Mute {count} people, and whoever comes in?" },
  modeAllButSure: { one: "Mute {count} person, and whoever comes in and is no moderator?", other: "Mute {count} people, and whoever comes in and is no moderator?" },
  callAllSure: { one: "Call {count} person now?", other: "Call {count} people now?" },
  redialAllSure: { one: "Call {count} person again?", other: "Call {count} people again?" },
  kickAllButSure: { one: "Remove {count} person who is no moderator?", other: "Remove {count} people who are no moderators?" },
  emptySure: "Remove everybody who is inside?", emptyWhy: "The conference ends with the last one who leaves, and cannot be begun again.",
  kickAllSure: { one: "Remove {count} person, you among them if you are inside?", other: "Remove all {count} people, you among them if you are inside?" },
  remindSure: { one: "Send the reminder SMS to {count} number?", other: "Send the reminder SMS to {count} numbers?" }, remindWhy: "An SMS cannot be taken back.",
  settleTitle: "Is {name} inside?", settleUnknown: "The hub called {name}, and the telephone platform did not say what became of the call.",
  settleShownIn: "The roster shows {shown} inside, the telephone platform counts {counted}. {name} is shown inside.",
  settleShownOut: "The roster shows {shown} inside, the telephone platform counts {counted}. {name} is shown as not inside.",
  settleHow: "Ask whether they can hear you before you answer. It only corrects what is shown: nobody is called, and nobody is hung up on.",
  removeSure: { one: "Take {count} person off the roster?", other: "Take {count} people off the roster?" }, removeWhy: "They go from the list; the log keeps what happened.",

  // The roster
  roster: "Roster", who: "Name", phone: "Phone", progress: "State", microphone: "Microphone", since: "Time", actions: "Actions", sortBy: "Sort by {column}",
  emptyRoster: "Nobody on the roster yet", emptyRosterWhy: "Paste the numbers of those you want to talk to, and they are called at once.", emptyReserved: "Paste the numbers of those you want to talk to, and they are called at the start.", emptyToListener: "Nobody on the roster yet.",
  emptyChoice: "Nobody fits what you look for.", unidentified: "unknown caller", moderator: "moderator",
  mute: "Mute", unmute: "Unmute", kick: "Remove", cancel: "Stop calling", redial: "Call again", call: "Call", remove: "Take off the roster", settle: "Inside or not?", settleIn: "Is inside", settleOut: "Is not inside",
  muted: "muted", open_mic: "on", notTaken: "did not take", notKnown: "not known whether it took", attempt: "call {count}",
  waiting: "waits for the start", p_added: "on the roster", p_queued: "queued", p_dialing: "dialing", p_joined: "joined", p_left: "left", p_kicked: "removed", p_removed: "off the roster",
  p_busy: "busy", p_no_answer: "no answer", p_rejected: "rejected", p_failed: "failed", p_cancelled: "cancelled", p_unknown: "outcome unknown", kickedBy: "removed by {name}",
  pending_mute: "muting…", pending_unmute: "unmuting…", pending_kick: "removing…", pending_invite: "asking…", pending_cancel: "taking back…", overdue: "not confirmed", within: "{said} ({more})", because: "{said}: {why}",

  // Inviting and sharing
  invitePlaceholder: "13800000001 Ada\n13800000002 Bob", inviteLabel: "One number and name a line", inviteDo: "Call", inviteTitle: "Invite people",
  inviteHint: "Names and numbers in any order, with tabs, commas or semicolons: what you copy from a spreadsheet will do.",
  asModerators: "As moderators", willCall: { one: "{count} person", other: "{count} people" }, repeated: { one: "{count} repeated", other: "{count} repeated" }, unclearCount: { one: "{count} unclear line", other: "{count} unclear lines" },
  tooLong: { one: "{count} too long", other: "{count} too long" }, headings: { one: "{count} heading left out", other: "{count} headings left out" }, moreLines: { one: "and {count} more line", other: "and {count} more lines" },
  left_unclear: "It is not clear which digits are the number.", left_noNumber: "There is no number in it.",
  left_longName: "The name is too long: {longest} characters at most.", left_longNumber: "The number is too long: {longest} characters at most.",
  linesLeft: "Lines that are still to be sorted out", notAccepted: { one: "{count} line was not accepted and stays in the box.", other: "{count} lines were not accepted and stay in the box." }, nobodyToCall: "There is no number to call.",
  invited: { one: "{count} person is being called.", other: "{count} people are being called." }, invitedLater: { one: "{count} person is invited.", other: "{count} people are invited." },
  shareTitle: "Share a link", shareRole: "Whoever opens it is", shareName: "For whom", shareNameHint: "Shown to others who watch, and in the log.", shareTtl: "Good for",
  hours: { one: "{count} hour", other: "{count} hours" }, makeLink: "Make the link", link: "Link", copy: "Copy", copied: "Copied.", copyByHand: "The browser does not let it be copied: it is selected, copy it by hand.",
  may_listener: "Sees who is in the conference and what happens, with masked numbers, and changes nothing.",
  may_moderator: "Sees all numbers; invites, mutes and removes people.",
  may_owner: "Does all that a moderator does, sets the password and ends the conference.",
  linkIsFor: "Lets {name} in as {role} until {time}.",
  shareWhy: "The link is a key to this conference: send it to that person only.",
  passwordTitle: "Password of the conference", passwordLabel: "Password (empty: none)", passwordHint: "It is shown to those who invite; the platform does not ask callers for it.", save: "Save", passwordSaved: "The password is changed.",

  // What was done
  done_mute: { one: "{name} is muted.", other: "{count} people are muted." }, done_unmute: { one: "{name} can be heard.", other: "{count} people can be heard." },
  done_kick: { one: "{name} is removed.", other: "{count} people are removed." }, done_redial: { one: "{name} is called again.", other: "{count} people are called again." },
  done_call: { one: "{name} is called.", other: "{count} people are called." }, done_cancel: { one: "The call to {name} is taken back; if it is answered first, it is hung up on.", other: "{count} calls are taken back; those that are answered first are hung up on." },
  done_remove: { one: "{name} is off the roster.", other: "{count} people are off the roster." }, done_settleIn: "{name} is inside: it is noted.", done_settleOut: "{name} is not inside: it is noted.",
  done_remind: { one: "{count} reminder is sent.", other: "{count} reminders are sent." }, done_mode: "The conference is set so.", done_nothing: "There was nobody to whom that could be done.",
  selectFirst: "Select people first, or go to their row.", nothingToUndo: "There is nothing to undo.",
  undo: "Undo", dismiss: "Dismiss", someFailed: { one: "Of {total}, {count} did not work: {why}", other: "Of {total}, {count} did not work: {why}" },

  // The log
  log: "Activity", logOf: "Whose", everybody: "Everybody", earlier: "Show earlier", emptyLog: "Nothing has happened yet.", hub: "hub", provider: "platform", user: "somebody", result: "Result", time: "Time", actor: "By", what: "What",
  l_participant_added: "put {person} on the roster", l_participant_queued: "called {person}", l_participant_joined: "{person} joined", l_participant_left: "{person} left",
  l_participant_kicked: "removed {person}", l_participant_failed: "{person} was not reached", l_unsure: "{person} may have been called or not", l_participant_muted: "muted {person}", l_participant_unmuted: "unmuted {person}", l_participant_removed: "took {person} off the roster",
  l_conference_created: "made the conference", l_conference_started: "started the conference", l_conference_ended: "ended the conference",
  l_doubt: "what was asked of {person} may have happened or not",
  l_cancel: "stopped calling {person}", l_overdue_mute: "muting {person} is not confirmed", l_overdue_unmute: "unmuting {person} is not confirmed", l_overdue_kick: "removing {person} is not confirmed",
  l_overdue_invite: "calling {person} is not confirmed", l_overdue_cancel: "calling {person} is not taken back yet",
  l_lost_mute: "muting {person} did not take", l_lost_unmute: "unmuting {person} did not take", l_lost_kick: "removing {person} did not take", l_lost_command: "a command to {person} did not take",
  w_participant_added: "put on the roster", w_participant_queued: "called", w_participant_joined: "joined",
  w_doubt: "outcome unknown",
  w_participant_left: "left", w_participant_kicked: "removed", w_participant_failed: "not reached",
  w_unsure: "may have been called or not", w_participant_muted: "muted", w_participant_unmuted: "unmuted",
  w_participant_removed: "taken off the roster", w_cancel: "stopped calling",
  w_overdue_mute: "muting not confirmed", w_overdue_unmute: "unmuting not confirmed",
  w_overdue_kick: "removing not confirmed", w_overdue_invite: "calling not confirmed",
  w_overdue_cancel: "calling not taken back yet", w_lost_mute: "muting did not take",
  w_lost_unmute: "unmuting did not take", w_lost_kick: "removing did not take", w_lost_command: "a command did not take",
  l_mode_all: "keeps everybody muted", l_mode_all_but_moderators: "keeps everybody but moderators muted", l_mode_none: "lets who comes in speak",
  l_uncertain: "The platform counts differently", l_certain: "The numbers agree again", l_password: "set a password", l_no_password: "took the password away",
  c_hung_up: "hung up", c_kicked: "", c_cancelled: "", c_conference_ended: "the conference ended", c_settled: "said by a moderator", c_reconcile: "found out by asking", c_answered_late: "answered late",
  c_ring_timeout: "no answer in time", c_outcome_unknown: "outcome unknown", c_stopped: "A moderator ended it.", c_ended_by_provider: "The platform ended it.", c_everybody_left: "Everybody had left.",
  c_nobody_came: "Nobody came.", c_start_missed: "Its start was missed.", c_reported_failed: "refused by the platform", c_deleted_by_provider: "deleted by the platform",

  c_provider_refused: "the platform refused: {message}",

  // Why the platform refuses, by the codes of refusals.js
  x_coded: "{said} ({code})",
  x_account: "the hub's account there is set up wrongly; tell whoever runs the hub",
  x_clock: "the hub's clock is wrong; tell whoever runs the hub",
  x_closed: "the hub's account there is not open; tell whoever runs the hub",
  x_app: "the hub's app is not known there; tell whoever runs the hub",
  x_appClosed: "the hub's app there is not open for use; tell whoever runs the hub",
  x_balance: "the account there has no money left; tell whoever runs the hub",
  x_busy: "too much at once; try again in a moment", x_itself: "something went wrong there; try again",
  x_create: "the conference could not be made", x_dial: "this number could not be called",
  x_kick: "this person could not be removed", x_mute: "this microphone could not be changed",
  x_full: "there would be more people than it allows", x_request: "it does not understand what the hub asks",
  x_unknown: "it does not know this conference", x_noNumber: "there is no number",
  x_number: "this is not a phone number", x_twice: "a number stands there twice",
  x_testNumber: "before the app is open for use, only test numbers can be reached",
  x_tooManyNumbers: "too many numbers at once", x_blocked: "this number is blocked there",
  x_template: "its text for this SMS is not there or does not fit; tell whoever runs the hub",
  x_tooOften: "this number has had too many SMS", x_notSent: "the SMS could not be sent",

  // Attendance
  attendance: "Attendance", attended: "{inside} of {people} people were inside, {time} in all.", joinedAt: "Joined", leftAt: "Left", duration: "Duration", outcome: "Outcome",
  download: "Download CSV", downloadLog: "Download the log", print: "Print", notWhole: "The hub no longer has the whole log, or it could not be read: this is what is known.", attendanceOf: "attendance", logFile: "log", reading: "Reading the log…",
  notCalled: "not called", whom: "Whom", inZone: "{word} ({zone})",

  // The keyboard
  keyboard: "Keyboard", keyboardHelp: "Keyboard shortcuts", keysOn: "Single keys are shortcuts", k_search: "Search", k_invite: "Invite", k_call: "Call those who are typed there", k_mute: "Mute the selection, or this row", k_muteAll: "Mute everybody",
  k_unmute: "Unmute the selection, or this row", k_kick: "Remove the selection, or this row", k_redial: "Call them again", k_undo: "Undo", k_selectAll: "Select all that are shown", k_help: "This overview",
  k_rows: "Move in the list, also out of the search", k_select: "Select this row; with Shift, up to it", k_escape: "Close, or clear the search or the selection",

  // The live region
  a_joined: { one: "{name} joined.", other: "{count} people joined." }, a_left: { one: "{name} left.", other: "{count} people left." }, a_failed: { one: "{name} was not reached.", other: "{count} people were not reached." },
  a_shown: { one: "{count} person shown.", other: "{count} people shown." },

  // Errors
  e_offline: "Not connected to the hub.", e_refused: "The hub has ended this connection. Reload the page to try again.",
  e_connection_lost: "The connection broke before the answer: it may or may not have happened. Look before you try again.",
  e_unauthenticated: "You are not signed in, or no longer.", e_not_allowed: "This is not for you to do.",
  e_too_many: "That was too much at once. Try again in a moment.",
  e_unknown_conference: "There is no such conference.", e_unknown_target: "This call is no longer in the conference.",
  e_conference_ended: "The conference has ended.", e_provider_unreachable: "The telephone platform cannot be reached. Try again.",
  e_provider_refused: "The telephone platform refused: {message}", e_outcome_unknown: "It is not known what the telephone platform made of it: it may or may not have happened.",
  e_time_in_past: "This time has passed.", e_invalid_number: "there is no digit in it.", e_storage_unavailable: "The hub cannot store anything right now. Try again.",
  e_roster_full: "The roster is full.", e_refused_name: "The hub does not take this name.", e_refused_number: "The hub does not take this number.", e_other: "That did not work: {message}",
};
