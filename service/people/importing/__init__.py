"""Lists of people from spreadsheets: read, understood, compared with the banks, shown, taken in, taken back."""
