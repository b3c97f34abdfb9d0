// The sums under a milestone plan and a table of costs, while they are being typed. The server works them out again with every save.
//
// [data-shares] shows one, and lies in the fieldset of the rows, whose inputs end in -percent.
// [data-sum] shows the other: the end of the names of the inputs in its table that it adds up.

// What the server reads as an amount: a comma that parts no thousands, as in 12,00, is asked about and not added up.
const AMOUNT = /^(\d{1,3}(,\d{3})+|\d{1,11})(\.\d{1,2})?$/

// Somebody on a slow line has typed before this script was there.
const isTypedIn = (input) => input.value !== input.defaultValue

export function addShares (place) {
  const inputs = [...place.closest('fieldset').querySelectorAll('input[name$="-percent"]')]
  const add = () => {
    const shares = inputs.map((input) => input.value.replace(/[,\s]|%$/g, ''))
    if (shares.some((share) => share && !/^\d+$/.test(share))) return // not a number yet: the last sum stays
    const sum = shares.reduce((total, share) => total + Number(share), 0)
    const left = 100 - sum
    place.textContent = `${sum} %${left > 0 ? `, ${left} % to go` : left < 0 ? `, ${-left} % too much` : ''}`
  }
  inputs.forEach((input) => input.addEventListener('input', add))
  if (inputs.some(isTypedIn)) add()
  place.setAttribute('aria-live', 'polite')
}

export function addAmounts (place) {
  const inputs = [...place.closest('table').querySelectorAll(`input[name$="${place.dataset.sum}"]`)]
  const add = () => {
    const amounts = inputs.map((input) => input.value.replace(/[£\s]/g, '')).filter((amount) => AMOUNT.test(amount))
    const pence = amounts.reduce((total, amount) => total + Math.round(Number(amount.replace(/,/g, '')) * 100), 0)
    place.textContent = `£${(pence / 100).toLocaleString('en-GB', { minimumFractionDigits: pence % 100 ? 2 : 0 })}`
  }
  inputs.forEach((input) => input.addEventListener('input', add))
  if (inputs.some(isTypedIn)) add()
}
