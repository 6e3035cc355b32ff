// What Sphinx's search calls a hit worth (html_search_scorer): its own numbers, and two wishes.
// Learners search: a chapter comes before other pages of the same worth, and what is written for
// instructors (exams, mistakes to expect) after everything else.
var Scorer = {
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,
  score: ([page, , , , worth]) => {
    if (page.startsWith("book/instructor/")) return worth - 1000;
    return page.startsWith("book/chapters/") ? worth + 1 : worth;
  },
};
