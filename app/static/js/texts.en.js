// Sentences of the scripts, English. texts.zh.js is its twin: same keys.
window.TEXTS = {
  reload: "Reload", retry: "Retry", close: "Close", remove: "Remove this photo",
  offline: "You are offline. What you typed is kept; submit once you are connected.",
  online: "You are back online.",
  unreachable: "Could not connect. What you typed is kept; tap Retry.",
  unavailable: "The service is not answering for now. What you typed is kept; please try again shortly.",
  stillBusy: "Still submitting, no need to tap again.",
  slow: "Slower than usual, still submitting.",
  restored: "We restored what you had not submitted last time.", discard: "Start over",
  removeFile: "Remove", filesMost: "{n} files at most; the others were left out.", fileLarge: "This file is larger than 10 MB.", fileBusy: "A file is still being sent. Wait until it is there.",
  photoFailed: "Not uploaded, tap to retry", photoType: "This is not a photo. Please choose JPG, PNG or HEIC.",
  photoLarge: "This photo is over 20 MB. Please choose another.",
  photoMost: "At most {n} photos; the others were not added.", photoBusy: "Photos are still uploading. Please wait until they are done.",
  photoLeft: "Some photos were not uploaded. Tap to retry, or remove them before submitting.",
  photo: "Photo", counted: "{n}/{most}", left: "{t} left", late: "{t} over", days: "{n} d", picked: "{n} selected",
};
