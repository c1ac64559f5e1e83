// Fields whose values are too many for a list: Select2 asks the server while the person types. Without a script the form has a
// look-up button instead. Select2's own ARIA is repaired in three places (each says where).
"use strict";

const words = JSON.parse(document.getElementById("related-words").textContent);
const language = {
  searching: () => words.searching,
  noResults: () => words.none,
  loadingMore: () => words.more,
  errorLoading: () => words.failed,
  removeAllItems: () => words.clear,
};

for (const field of document.querySelectorAll("select[data-related]")) {
  const label = document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
  const select = jQuery(field).select2({
    language,
    width: "100%",
    placeholder: field.dataset.placeholder,
    allowClear: field.dataset.optional !== undefined,
    ajax: {
      url: field.dataset.url,
      dataType: "json",
      delay: 250,
      data: (asked) => ({ term: asked.term || "", page: asked.page || 1 }),
      processResults: (found) => found,
    },
  });
  const container = select.data("select2").$container[0];
  const box = container.querySelector("[role=combobox]");
  const shown = container.querySelector(".select2-selection__rendered");

  // 1. The chosen value is text within the box, not a text field of its own; the box is named by its label and its value.
  shown.removeAttribute("role");
  shown.removeAttribute("aria-readonly");
  label.id = `${field.id}-label`;
  box.setAttribute("aria-labelledby", `${label.id} ${shown.id}`);
  for (const name of ["aria-describedby", "aria-invalid"]) {
    if (field.hasAttribute(name)) box.setAttribute(name, field.getAttribute(name));
  }
  label.addEventListener("click", () => box.focus());

  // 2. What opens has names. 3. While open, the box says what it controls.
  select.on("select2:open", () => {
    const search = document.querySelector(".select2-container--open .select2-search__field");
    const list = document.querySelector(".select2-container--open .select2-results__options");
    search.setAttribute("aria-label", `${label.textContent}: ${words.search}`);
    list.setAttribute("aria-label", `${label.textContent}: ${words.list}`);
    box.setAttribute("aria-controls", box.getAttribute("aria-owns"));
    search.focus();
  });
  select.on("select2:close", () => box.removeAttribute("aria-controls"));
}
