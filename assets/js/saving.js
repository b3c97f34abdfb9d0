// Saves a page of a form while people type. What the server has not acknowledged lies in this browser until it has.
//
// form[data-save, data-here, data-kept, data-typed where it comes back as it was posted] › [data-question] › the question's inputs, its revision, [data-state], [data-conflict]

import { drawAgain } from './staying.js'

const PREFIX = 'pumphouse:'
const IDLE = 1200
const LONGEST = 8000
const HERE = 20000
const WARN = 15 * 60000

const element = (name, about = {}, ...inside) => {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(about)) made.setAttribute(key, value)
  made.append(...inside)
  return made
}

/** On signing out nothing of what was typed stays in the browser. */
export function forgetOnSignOut () {
  for (const form of document.querySelectorAll('form[action="/accounts/logout/"]')) {
    form.addEventListener('submit', event => {
      const kept = Object.keys(localStorage).filter(key => key.startsWith(PREFIX))
      const unsent = kept.some(key => Object.values(new Kept(key.slice(PREFIX.length)).all()).some(entry => !entry.isPosted))
      const words = 'Something you typed is not saved yet, and signing out deletes it from this browser. Sign out anyway?'
      if (unsent && !window.confirm(words)) return event.preventDefault()
      kept.forEach(key => localStorage.removeItem(key))
    })
  }
}

/** Whether a control says something else than the page came with. */
const isChanged = control => {
  if (control.type === 'checkbox' || control.type === 'radio') return control.checked !== control.defaultChecked
  if (!control.options) return control.value !== control.defaultValue
  const first = [...control.options].findIndex(option => option.defaultSelected)
  return control.selectedIndex !== Math.max(first, 0)
}

export function keepSaving (form) {
  return new Saving(form).start()
}

/** What is kept in this browser for one page, by question. */
class Kept {
  constructor (key) {
    this.key = PREFIX + key
  }

  all () {
    try {
      return JSON.parse(localStorage.getItem(this.key)) || {}
    } catch {
      return {}
    }
  }

  put (question, entry) {
    this.write({ ...this.all(), [question]: entry })
  }

  drop (question) {
    const { [question]: gone, ...left } = this.all()
    if (gone) this.write(left)
  }

  write (entries) {
    try {
      if (Object.keys(entries).length) localStorage.setItem(this.key, JSON.stringify(entries))
      else localStorage.removeItem(this.key)
    } catch { /* a full or forbidden store: saving to the server goes on */ }
  }
}

class Saving {
  constructor (form) {
    this.form = form
    this.kept = new Kept(form.dataset.kept)
    this.parts = new Map([...form.querySelectorAll('[data-question]')].map(part => [part.dataset.question, part]))
    this.dirty = new Set()
    this.unsure = new Set() // sent, and no answer came: it may have been saved
    this.conflicts = new Set()
    this.standing = new Map() // what the server acknowledged last, by question
    this.isSending = false
    this.waits = 0
  }

  start () {
    this.putBack()
    this.takeUpEarly()
    this.form.addEventListener('input', event => this.typed(event.target))
    this.form.addEventListener('change', event => this.typed(event.target))
    this.form.addEventListener('submit', () => this.posting())
    this.form.addEventListener('paste', event => this.pasted(event))
    window.addEventListener('online', () => this.send())
    window.addEventListener('offline', () => this.offline())
    window.addEventListener('pagehide', () => this.leaving())
    document.addEventListener('visibilitychange', () => document.hidden ? this.send() : this.sayHere())
    this.sayHere()
    setInterval(() => document.hidden || this.sayHere(), HERE)
    this.form.addEventListener('focusout', event => {
      if (this.dirty.has(event.target.closest('[data-question]')?.dataset.question)) this.later(200)
    })
    return this
  }

  // what is on the page

  controls (part) {
    return [...part.querySelectorAll('input[name], select[name], textarea[name]:not([data-paste])')].filter(control => control.type !== 'file')
  }

  pairs (part) {
    return this.controls(part)
      .filter(control => !['radio', 'checkbox'].includes(control.type) || control.checked)
      .map(control => [control.name, control.value])
  }

  words (pairs) {
    return JSON.stringify(pairs.filter(([name]) => !name.endsWith('-revision')).map(([name, value]) => [name, value.replace(/\r\n/g, '\n').trim()]))
  }

  revision (part) {
    return part.querySelector('input[name$="-revision"]')
  }

  typed (control) {
    const part = control.closest('[data-question]')
    if (!part || control.type === 'file' || control.matches('[data-paste]') || control.closest('[data-conflict]') || !this.revision(part)) return
    const question = part.dataset.question
    const isSaved = !this.isSending && !this.dirty.has(question) && !this.conflicts.has(question)
    if (isSaved && this.standing.get(question) === this.words(this.pairs(part))) return // leaving a field says again what was saved
    this.dirty.add(question)
    this.keep(question)
    this.say(question, this.conflicts.has(question) ? 'Not saved: choose below what to keep' : 'Not saved yet')
    this.later(IDLE)
  }

  /** On a slow line people type before this script is there. The browser itself puts nothing back: the form has autocomplete="off". */
  takeUpEarly () {
    for (const [question, part] of this.parts) {
      const changed = !this.dirty.has(question) && this.controls(part).find(isChanged)
      if (changed) this.typed(changed)
    }
  }

  keep (question, more = {}) {
    this.kept.put(question, { pairs: this.pairs(this.parts.get(question)), ...more })
  }

  /** Several cells pasted into a table's box become lines of the table. */
  pasted (event) {
    const text = event.clipboardData?.getData('text/plain') || ''
    const part = event.target.closest('[data-question]')
    const box = part?.querySelector('[data-paste]')
    if (!box || event.target === box || !text.includes('\t')) return
    event.preventDefault()
    box.value = text
    part.querySelector('button[name="paste_rows"]').click()
  }

  // sending

  later (wait) {
    clearTimeout(this.timer)
    this.since ??= Date.now()
    this.timer = setTimeout(() => this.send(), Math.max(0, Math.min(wait, this.since + LONGEST - Date.now())))
  }

  async send () {
    const batch = [...this.dirty].filter(question => !this.conflicts.has(question))
    if (this.isSending || !batch.length) return
    this.isSending = true
    clearTimeout(this.timer)
    this.since = undefined
    const sent = new Map(batch.map(question => [question, this.pairs(this.parts.get(question))]))
    batch.forEach(question => this.dirty.delete(question))
    const answer = await this.post(this.form.dataset.save, [...sent.values()].flat())
    this.isSending = false
    if (answer.ok) return this.acknowledged(sent, answer.body)
    batch.forEach(question => this.dirty.add(question))
    if (answer.kind === 'away') batch.forEach(question => this.unsure.add(question))
    this.failed(answer)
  }

  async post (path, pairs, isRetry = false) {
    const token = this.form.elements.csrfmiddlewaretoken
    const body = new URLSearchParams(pairs)
    let response
    try {
      response = await fetch(path, { method: 'POST', body, redirect: 'manual', headers: { 'X-CSRFToken': token.value, Accept: 'application/json' } })
    } catch {
      return { kind: 'away' }
    }
    if (response.type === 'opaqueredirect') return { kind: 'ended' }
    if (response.status >= 500 || response.status === 429) return { kind: 'busy' }
    const isJson = (response.headers.get('Content-Type') || '').includes('json')
    if (response.ok && isJson) return { ok: true, body: await response.json() }
    if (isJson) return { kind: 'refused', sentence: (await response.json()).sentence }
    if (response.status === 403 && !isRetry && await this.renewToken()) return this.post(path, pairs, true)
    return { kind: 'ended' }
  }

  /** A new sign-in in another tab has a new token: read it from a fresh copy of this page. */
  async renewToken () {
    try {
      const response = await fetch(window.location.href, { redirect: 'manual' })
      const page = response.ok && new DOMParser().parseFromString(await response.text(), 'text/html')
      const found = page && page.querySelector('form[data-save] input[name="csrfmiddlewaretoken"]')
      if (found) this.form.elements.csrfmiddlewaretoken.value = found.value
      return Boolean(found)
    } catch {
      return false
    }
  }

  acknowledged (sent, answer) {
    this.waits = 0
    this.news('')
    for (const [question, revision] of Object.entries(answer.saved)) {
      const part = this.parts.get(question)
      this.revision(part).value = revision
      this.unsure.delete(question)
      this.standing.set(question, this.words(sent.get(question)))
      if (this.dirty.has(question)) this.keep(question)
      else if (this.words(sent.get(question)) === this.words(this.pairs(part))) this.kept.drop(question)
      if (!this.dirty.has(question)) this.say(question, answer.said)
      this.linkEarlier(part, revision)
    }
    for (const [question, sentence] of Object.entries(answer.refused)) this.say(question, `Not saved yet. ${sentence}`)
    for (const [question, theirs] of Object.entries(answer.stale)) this.stale(question, theirs)
    for (const [question, sentence] of Object.entries(answer.checks)) this.check(question, sentence)
    if (this.dirty.size) this.later(IDLE)
    else if (this.undrawn && !this.conflicts.size) drawAgain()
  }

  failed ({ kind, sentence }) {
    if (kind === 'ended') return this.ended()
    if (kind === 'refused') return this.news(`${sentence} What you typed is still on this page and kept in this browser.`)
    if (kind === 'away') this.offline()
    else this.news('The service is busy. What you typed is kept in this browser and sent again in a moment.')
    this.waits += 1
    setTimeout(() => this.send(), Math.min(60000, 2000 * 2 ** Math.min(this.waits, 5)) * (0.75 + Math.random() / 2))
  }

  offline () {
    this.news('You are offline. Go on typing: it is kept in this browser and sent when you are back.')
    for (const question of this.dirty) this.say(question, 'Kept in this browser')
  }

  ended () {
    const next = encodeURIComponent(window.location.pathname)
    const link = element('a', { class: 'govuk-link', href: `/accounts/login/?next=${next}`, target: '_blank' }, 'Sign in again in a new tab')
    this.news('Your session has ended. What you typed is kept in this browser. ', link, ', then come back here and go on.')
    clearTimeout(this.back)
    this.back = setTimeout(() => this.send(), 15000)
  }

  // the other person's text

  stale (question, theirs) {
    const part = this.parts.get(question)
    if (theirs.is_yours && this.unsure.has(question)) {
      this.unsure.delete(question)
      this.revision(part).value = theirs.revision
      this.dirty.add(question)
      return this.later(0)
    }
    this.conflicts.add(question)
    this.dirty.add(question)
    this.keep(question)
    this.say(question, 'Not saved: somebody else changed this')
    const box = part.querySelector('[data-conflict]')
    const choose = (text, act) => {
      const button = element('button', { type: 'button', class: 'govuk-button govuk-button--secondary button--small' }, text)
      button.addEventListener('click', () => { act(); this.settle(question, theirs) })
      return button
    }
    const give = words => {
      const button = element('button', { type: 'button', class: 'govuk-button govuk-button--secondary button--small' }, words)
      button.addEventListener('click', () => this.giveWay(question, theirs, text))
      return button
    }
    const text = theirs.is_text && part.querySelector('textarea, input[type="text"]')
    const buttons = [choose('Save my text', () => {})]
    if (text) {
      buttons.push(give(`Use ${theirs.by}’s text`))
      if (text.localName === 'textarea') buttons.push(choose('Keep both, one below the other', () => { text.value = `${theirs.theirs}\n\n${text.value}` }))
    } else {
      buttons.push(give(`Use what ${theirs.by} saved`))
    }
    const heading = element('h3', { class: 'govuk-heading-s', tabindex: '-1' }, `${theirs.by} saved another answer at ${theirs.said}`)
    const words = element('div', { class: 'paper save-theirs' }, theirs.theirs || 'Nothing: the answer was taken away')
    box.replaceChildren(heading, words, element('p', { class: 'govuk-body-s' }, 'Yours is in the box above. Choose what to keep; nothing is lost until you do.'), element('div', { class: 'govuk-button-group' }, ...buttons))
    box.hidden = false
    this.news(`${theirs.by} saved another answer while you were typing. Both are on the page: choose what to keep.`)
  }

  settle (question, theirs) {
    const part = this.close(question, theirs.revision)
    part.querySelector('textarea, input:not([type="hidden"]), select')?.focus()
    this.dirty.add(question)
    this.keep(question)
    this.news('')
    this.later(0)
  }

  close (question, revision) {
    const part = this.parts.get(question)
    const box = part.querySelector('[data-conflict]')
    box.replaceChildren()
    box.hidden = true
    this.conflicts.delete(question)
    this.revision(part).value = revision
    return part
  }

  /** The other person's text stands; one's own is sent along first, and is an earlier version from then on. */
  async giveWay (question, theirs, text) {
    const part = this.parts.get(question)
    this.revision(part).value = theirs.revision
    const pairs = this.pairs(part)
    const answer = await this.post(this.form.dataset.save, [...pairs, [`${question}-keep`, 'theirs']])
    if (!answer.ok) return this.failed(answer)
    if (answer.body.stale[question]) return this.stale(question, answer.body.stale[question])
    this.kept.drop(question)
    this.dirty.delete(question)
    if (!text) return drawAgain(part.querySelector('fieldset')?.id)
    const own = text.value
    text.value = theirs.theirs
    const revision = answer.body.saved[question] ?? theirs.revision
    this.standing.set(question, this.words(this.pairs(part)))
    this.close(question, revision)
    this.say(question, answer.body.said)
    this.linkEarlier(part, revision)
    text.focus()
    const undo = element('button', { type: 'button', class: 'link-button' }, 'Put my text back')
    undo.addEventListener('click', () => { text.value = own; this.typed(text); text.focus() })
    this.news(`${theirs.by}’s text is the answer now. Yours is kept under “Earlier versions”. `, undo)
  }

  // coming and going

  posting () {
    this.isPosting = true
    clearTimeout(this.timer)
    const kept = Object.keys(this.kept.all()).filter(question => this.parts.has(question)) // on its way counts as well
    for (const question of new Set([...kept, ...this.dirty])) this.keep(question, { isPosted: true })
  }

  leaving () {
    if (this.isPosting || !this.dirty.size) return
    const pairs = [...this.dirty].filter(question => !this.conflicts.has(question)).flatMap(question => this.pairs(this.parts.get(question)))
    const token = this.form.elements.csrfmiddlewaretoken.value
    if (pairs.length) fetch(this.form.dataset.save, { method: 'POST', body: new URLSearchParams(pairs), headers: { 'X-CSRFToken': token }, redirect: 'manual', keepalive: true }).catch(() => {})
  }

  /** What this browser kept and the server does not have comes back onto the page. */
  putBack () {
    let count = 0
    for (const [question, entry] of Object.entries(this.kept.all())) {
      const part = this.parts.get(question)
      if (!part || !this.revision(part)) continue
      if (entry.isPosted && 'typed' in this.form.dataset) {
        this.onPageAgain(question) // a row more or fewer: what was posted stands on this page, and its rows may have moved
        continue
      }
      const stands = Number(this.revision(part).value)
      const read = Number((entry.pairs.find(([name]) => name.endsWith('-revision')) || [])[1] || 0)
      if (this.words(entry.pairs) === this.words(this.pairs(part)) || (entry.isPosted && stands > read)) {
        this.kept.drop(question)
        continue
      }
      this.fill(part, entry.pairs)
      this.revision(part).value = read
      this.dirty.add(question)
      this.unsure.add(question)
      this.say(question, 'Put back from this browser, not saved yet')
      count += 1
    }
    if (count) {
      this.news('What you typed before was not saved. It is back on the page and is being saved now.')
      this.later(0)
    }
  }

  onPageAgain (question) {
    this.dirty.add(question)
    this.unsure.add(question) // a save may have been on its way when it was posted
    this.keep(question)
    this.later(IDLE)
  }

  /** Rows that this page does not draw yet are kept hidden on it, saved with the rest, and drawn once they are. */
  fill (part, pairs) {
    const drawn = new Set(this.controls(part).map(control => control.name))
    const more = pairs.filter(([name, value]) => value && !drawn.has(name) && /-\d+-/.test(name))
    for (const [name, value] of more) part.append(element('input', { type: 'hidden', name, value }))
    if (more.length) this.undrawn = true
    for (const control of this.controls(part)) {
      const values = pairs.filter(([name]) => name === control.name).map(([, value]) => value)
      if (['radio', 'checkbox'].includes(control.type)) control.checked = values.includes(control.value)
      else if (values.length) control.value = values[0]
    }
  }

  async sayHere () {
    const answer = await this.post(this.form.dataset.here, [])
    if (!answer.ok) return answer.kind === 'ended' ? this.ended() : undefined
    if (this.dirty.size) this.send()
    const { others, answers, ends_at: endsAt } = answer.body
    const company = this.form.querySelector('[data-company]')
    company.hidden = !others.length
    company.textContent = others.length ? `${others.join(' and ')} ${others.length === 1 ? 'has' : 'have'} this page open too.` : ''
    for (const [question, standing] of Object.entries(answers)) {
      const part = this.parts.get(question)
      if (!part || this.dirty.has(question) || this.isSending || Number(this.revision(part)?.value) >= standing.revision) continue
      const load = element('button', { type: 'button', class: 'link-button' }, 'Show it')
      load.addEventListener('click', () => drawAgain(part.querySelector('textarea, input:not([type="hidden"]), select')?.id))
      this.say(question, `${standing.by} saved a newer answer at ${standing.said}. `, load)
    }
    const left = new Date(endsAt) - Date.now()
    if (left > 0 && left < WARN) this.news(`Your session ends in ${Math.max(1, Math.round(left / 60000))} minutes. What you type is saved; after that you sign in again and go on.`)
  }

  // saying

  /** The way to the earlier versions, as soon as there is one. */
  linkEarlier (part, revision) {
    const path = part.dataset.earlier
    if (revision < 2 || !path || part.querySelector('[data-earlier-link]')) return
    part.querySelector('[data-state]')?.append(' ', element('a', { class: 'govuk-link', href: path, 'data-earlier-link': '' }, 'Earlier versions'))
  }

  say (question, ...words) {
    const place = this.parts.get(question)?.querySelector('[data-said]')
    if (place) place.replaceChildren(...words)
  }

  check (question, sentence) {
    const part = this.parts.get(question)
    if (!part) return
    let place = part.querySelector('[data-check]')
    if (!place && !sentence) return
    if (!place) {
      place = element('p', { class: 'govuk-body save-check', 'data-check': '', role: 'status' })
      part.querySelector('[data-state]').before(place)
    }
    if (place.textContent !== sentence) place.textContent = sentence
  }

  news (...words) {
    const place = this.form.querySelector('[data-news]')
    const text = words.filter(Boolean)
    if (place.textContent !== text.map(word => word.textContent ?? word).join('')) place.replaceChildren(...text)
    place.hidden = !text.length
  }
}
