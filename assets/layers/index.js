export { default } from "./streamlit.js";
export { mountPlain } from "./plain.js";
