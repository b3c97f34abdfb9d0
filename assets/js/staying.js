// Draws the page again and leaves the keyboard where it was.
const KEY = `focus:${window.location.pathname}`

/** `otherwise` is the id to go to where what is in use has none, or is gone from the page. */
export function drawAgain (otherwise = '') {
  sessionStorage.setItem(KEY, `${document.activeElement?.id || ''} ${otherwise}`)
  window.location.reload()
}

export function goBack () {
  const ids = (sessionStorage.getItem(KEY) || '').split(' ').filter(Boolean)
  sessionStorage.removeItem(KEY)
  const there = ids.map((id) => document.getElementById(id)).find(Boolean)
  if (!there) return
  const found = there.matches('a, button, input, select, textarea') ? there : there.querySelector('a, button, input:not([type="hidden"]), select, textarea')
  found?.focus()
}
