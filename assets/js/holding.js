// The page that holds what was typed in a session that had ended. Signing in again, in another tab, made a new token: it is read from a
// page of the new session before the form is sent, so that one press does. Without this script the server asks for a second one.

const PATIENCE = 5000

async function newToken () {
  try {
    const response = await fetch('/home/', { redirect: 'manual', signal: AbortSignal.timeout(PATIENCE) })
    const page = response.ok && new DOMParser().parseFromString(await response.text(), 'text/html')
    return page && page.querySelector('input[name="csrfmiddlewaretoken"]')?.value
  } catch {
    return '' // off the network, or not signed in yet: the server says so
  }
}

export function sendHeld (form) {
  let isSending = false
  form.addEventListener('submit', async event => {
    event.preventDefault()
    if (isSending) return
    isSending = true
    const token = form.querySelector('input[name="csrfmiddlewaretoken"]')
    token.value = await newToken() || token.value
    HTMLFormElement.prototype.submit.call(form) // what was typed may have a field of that name
    isSending = false
  })
}
