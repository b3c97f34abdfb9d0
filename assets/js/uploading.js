// Sends files in pieces, so that a broken line costs one piece: drop or choose several, see how far each is. Without this the form sends them whole.
import { drawAgain } from './staying.js'

const PAUSES = [500, 1000, 2000, 4000, 8000, 15000]
const PATIENCE = 120000 // for one piece: a line may go dead without breaking

const KEPT = `upload-refused:${window.location.pathname}:`
const REFUSED = 'upload--refused govuk-error-message'

// of all boxes of the page: it is drawn again when the last file is here, not before
let going = 0
let hasCome = false
let pressed = null // the button pressed while files were on their way: the form goes once they are here
window.addEventListener('beforeunload', (event) => { if (going) event.preventDefault() })

/** What was refused before the page was drawn again, also where no more files may come. */
export function tellRefused () {
  for (const key of Object.keys(sessionStorage).filter((key) => key.startsWith(KEPT))) {
    const rows = JSON.parse(sessionStorage.getItem(key)).map((sentence) => {
      const row = document.createElement('li')
      row.className = REFUSED
      row.textContent = sentence
      return row
    })
    const list = document.createElement('ul')
    list.className = 'govuk-list uploads'
    list.append(...rows)
    document.getElementById(`id_${key.slice(KEPT.length)}-files`)?.append(list)
    sessionStorage.removeItem(key)
  }
}

export function takeFiles (box) {
  const input = box.querySelector('input[type="file"]')
  const form = box.closest('form')
  if (!input || !form) return
  const button = box.querySelector('[data-upload-button]')
  const list = document.createElement('ul')
  list.className = 'govuk-list uploads'
  const wait = document.createElement('p')
  wait.className = 'govuk-hint'
  wait.hidden = true
  const news = document.createElement('div')
  news.setAttribute('role', 'status')
  news.append(list, wait)
  const hint = document.createElement('p')
  hint.className = 'govuk-hint'
  hint.textContent = 'Or drag files to here. They are sent at once, and go on where they were when the line breaks.'
  box.classList.add('upload-box')
  box.append(hint, news)
  if (button) button.hidden = true

  const refused = KEPT + box.dataset.upload
  form.addEventListener('submit', (event) => {
    if (!going) return
    event.preventDefault()
    pressed = event.submitter
    wait.textContent = 'The page goes on when the files are here.'
    wait.hidden = !list.querySelector('progress')
  })
  const take = async (files) => {
    input.value = '' // they go in pieces, not with the form
    if (!going) box.parentElement.querySelectorAll('.upload--refused').forEach((row) => row.remove())
    going += 1
    for (const file of files) hasCome = await send(file, box, form, list) || hasCome
    going -= 1
    const sentences = [...list.querySelectorAll('.upload--refused')].map((row) => row.textContent)
    if (sentences.length) {
      pressed = null
      wait.hidden = true
      sessionStorage.setItem(refused, JSON.stringify(sentences)) // they stand on the page with what came
    }
    if (going) return
    if (pressed) return form.requestSubmit(pressed)
    if (hasCome) setTimeout(() => { if (!going) drawAgain(`id_${box.dataset.upload}-files`) }, 1500)
    else sessionStorage.removeItem(refused)
  }
  input.addEventListener('change', () => take([...input.files]))
  if (input.files.length) take([...input.files]) // chosen before this script was here
  box.addEventListener('dragover', (event) => { event.preventDefault(); box.classList.add('upload-box--over') })
  box.addEventListener('dragleave', () => box.classList.remove('upload-box--over'))
  box.addEventListener('drop', (event) => {
    event.preventDefault()
    box.classList.remove('upload-box--over')
    take([...event.dataTransfer.files])
  })
}

async function send (file, box, form, list) {
  const row = document.createElement('li')
  const bar = document.createElement('progress')
  const said = document.createElement('span')
  bar.max = file.size || 1
  bar.value = 0
  bar.setAttribute('aria-label', file.name)
  said.textContent = ` ${file.name}`
  row.append(bar, said)
  list.append(row)
  const refuse = (sentence) => {
    bar.remove()
    row.className = REFUSED
    said.textContent = sentence.includes(file.name) ? sentence : `${file.name}: ${sentence}`
    return false
  }

  const about = new URLSearchParams({ question: box.dataset.upload, name: file.name, size: file.size, token: `${file.size}:${file.lastModified}:${file.name}`.slice(0, 100) })
  const begun = await ask(box.dataset.uploadTo, form, { body: about }, said, file.name)
  if (!begun.ok) return refuse(begun.answer.sentence)
  let offset = begun.answer.offset
  let isDone = false
  while (!isDone) { // where all of it is here and the answer to that was lost, an empty piece asks for it again
    bar.value = offset
    const part = await file.slice(offset, offset + begun.answer.piece).arrayBuffer().catch(() => null)
    if (!part) return refuse(`${file.name} cannot be read. Is it a folder, or was it changed or moved? Choose the file again.`)
    const headers = { 'Upload-Offset': String(offset), 'Content-Type': 'application/octet-stream' }
    const got = await ask(begun.answer.to, form, { body: part, headers }, said, file.name)
    if (!got.ok && got.answer.code !== 'wrong_offset') return refuse(got.answer.sentence)
    offset = got.answer.offset
    isDone = got.answer.is_done
  }
  bar.value = file.size
  said.textContent = ` ${file.name}: here`
  return true
}

async function ask (to, form, what, said, name) {
  for (let tried = 0; ; tried += 1) {
    let why = 'the line is bad'
    try {
      const token = form.elements.csrfmiddlewaretoken.value
      const answer = await fetch(to, { method: 'POST', credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE), ...what, headers: { 'X-CSRFToken': token, Accept: 'application/json', ...(what.headers || {}) } })
      if (answer.status < 500 && (answer.headers.get('Content-Type') || '').includes('json')) {
        said.textContent = ` ${name}`
        const told = await answer.json()
        return { ok: answer.ok, answer: { ...told, sentence: told.sentence || told.detail } }
      }
      if (answer.status < 500 && answer.status !== 429) return { ok: false, answer: { sentence: 'Sign in again in another tab, then choose the file again.' } }
      why = 'we cannot take it just now'
    } catch { /* the line broke: try again */ }
    said.textContent = ` ${name}: ${why}, we try again`
    await new Promise((resolve) => setTimeout(resolve, PAUSES[Math.min(tried, PAUSES.length - 1)]))
  }
}
