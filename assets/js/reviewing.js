// Saves a review while it is written, and says so only when the server has. Works beside the form's own buttons.
//
// form[data-review] with the address to save to; [name=revision]; [data-saved] for what the server answered; [data-total] for the total;
// [data-saved-here] in a section shows the same beside what is being written, for the page is long

const IDLE = 1500
const AGAIN = 15000

export function keepReview (form) {
  const says = form.querySelector('[data-saved]')
  const total = form.querySelector('[data-total]')
  let timer, here = null, busy = false, dirty = false, stopped = false

  const say = words => {
    if (says) says.textContent = words
    form.querySelectorAll('[data-saved-here]').forEach(one => { one.textContent = one === here ? words : '' })
  }

  const save = async () => {
    if (stopped || !dirty) return
    if (busy) return wait(IDLE)
    busy = true
    dirty = false
    try {
      const answer = await fetch(form.dataset.review, { method: 'POST', body: new FormData(form), headers: { Accept: 'application/json' } })
      if (answer.redirected) throw new Error('signed out')
      const said = await answer.json()
      if (said.revision) form.elements.revision.value = said.revision
      if (total && said.total) total.textContent = said.total
      stopped = Boolean(said.stop)
      say(said.words)
    } catch {
      dirty = true
      say('Not saved: no connection. What you typed is on this page, and is sent again by itself.')
      wait(AGAIN)
    } finally {
      busy = false
    }
  }

  const wait = time => {
    clearTimeout(timer)
    timer = setTimeout(save, time)
  }

  form.addEventListener('input', event => {
    dirty = true
    here = event.target.closest('section')?.querySelector('[data-saved-here]')
    if (!stopped) say('Saving…')
    wait(IDLE)
  })
  form.addEventListener('submit', () => { stopped = true })
  window.addEventListener('online', save)
  document.addEventListener('visibilitychange', () => { if (document.hidden) save() })
  window.addEventListener('beforeunload', event => { if (dirty && !stopped) event.preventDefault() })
}
