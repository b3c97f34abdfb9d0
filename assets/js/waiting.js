// A page that waits for work in the background looks again by itself: its meter moves, and what was waited for comes when it is there.
const SOONEST = 700
const LATEST = 5000

export function lookAgain (status, wait = SOONEST) {
  setTimeout(async () => {
    try {
      const answer = await fetch(window.location.href, { headers: { accept: 'text/html' } })
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), 'text/html')
        const now = page.querySelector('[data-under-way]')
        if (now === null) return window.location.replace(answer.url)
        if (now.innerHTML !== status.innerHTML) status.replaceChildren(...now.children)
      }
    } catch { /* no answer: the link is still there, and the next look may get one */ }
    lookAgain(status, Math.min(wait * 1.5, LATEST))
  }, wait)
}
