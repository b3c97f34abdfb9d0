// Improves pages that already work: GOV.UK Frontend's behaviour for what a page has, and nothing else.
import { initAll } from './govuk-frontend.min.js'

document.body.classList.add('js-enabled', 'govuk-frontend-supported')
initAll()
