// Improves pages that already work: GOV.UK Frontend's behaviour for what a page has, and our own for what is marked.
import { CharacterCount, initAll } from './govuk-frontend.min.js'
import { addAmounts, addShares } from './adding.js'
import { sendHeld } from './holding.js'
import { keepReview } from './reviewing.js'
import { forgetOnSignOut, keepSaving } from './saving.js'
import { goBack } from './staying.js'
import { takeFiles, tellRefused } from './uploading.js'
import { lookAgain } from './waiting.js'

// Words are what stands between white space, as the server counts them; a segmenter would make two of "well-known" and none of "6 %".
CharacterCount.prototype.updateCount = function () {
  const text = this.$textarea.value
  this.count = this.config.countType === 'words' ? (text.match(/\S+/g) || []).length : [...text].length
}

// A form that is not saved by itself: the browser asks before what was typed on it is left behind.
const warnOnLeaving = (form) => {
  let isTyped = false
  form.addEventListener('input', () => { isTyped = true })
  form.addEventListener('submit', () => { isTyped = false })
  window.addEventListener('beforeunload', (event) => { if (isTyped) event.preventDefault() })
}

// A form that posts to its own page leaves the fragment of the address behind, as the skip link puts one there: on the page that comes
// back the browser would go to it, and take the focus from the summary of what has to be put right.
document.addEventListener('submit', ({ target }) => {
  if (location.hash && !target.hasAttribute('action')) target.setAttribute('action', location.pathname + location.search)
})

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()
forgetOnSignOut()
document.querySelectorAll('form[data-save]').forEach(keepSaving)
tellRefused()
document.querySelectorAll('[data-upload]').forEach(takeFiles)
document.querySelectorAll('form[data-warn]').forEach(warnOnLeaving)
document.querySelectorAll('[data-shares]').forEach(addShares)
document.querySelectorAll('[data-sum]').forEach(addAmounts)
document.querySelectorAll('form[data-review]').forEach(keepReview)
document.querySelectorAll('form[data-held]').forEach(sendHeld)
document.querySelectorAll('[data-under-way]').forEach((status) => lookAgain(status))
goBack()
